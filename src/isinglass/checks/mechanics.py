# SPDX-License-Identifier: Apache-2.0
"""Is a learned equation of motion that of the data?  Does it conserve what mechanics conserves?"""

import math

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["data_conserve", "energy_does_not_drift", "follows_motions", "motion_errors", "motions_suffice"]

LARGEST = 10.0  # of an error in widths: what is further off, or not finite, is as wrong
FEWEST = 8  # windows held out


def motion_errors(
    off: Float[np.ndarray, "n times phase"], width: Float[np.ndarray, " phase"]
) -> Float[np.ndarray, " n"]:
    """√⟨(off/width)²⟩ over times and coordinates, for each motion; at most 10, as where it is not finite."""
    with np.errstate(over="ignore", invalid="ignore"):
        each = np.sqrt(((off / width) ** 2).mean(axis=(1, 2)))
    return np.where(np.isfinite(each), np.minimum(each, LARGEST), LARGEST)


def follows_motions(errors: Float[np.ndarray, " n"], tolerance: float) -> Check:
    """The largest error of held-out motions, in widths of the data, at most the tolerance.

    Deterministic: no false alarm.  Resolution: any motion that is off by more than the tolerance.
    """
    law = "motions from held-out states follow the data (largest error, in widths)"
    return Check.at_most(law, float(errors.max()), 0.0, tolerance=tolerance, source="held-out motions")


def motions_suffice(windows: int) -> Check:
    """Eight held-out stretches of motion, or more: of fewer, none may be typical."""
    law = "held-out stretches of motion"
    if windows >= FEWEST:
        return Check.at_least(law, windows, FEWEST)
    law += " are too few to tell; give more or longer motions"
    return Check(law, float(windows), float(FEWEST), 0.0, "unknown", relation=">=")


def data_conserve(energy: Float[np.ndarray, "n times"], scale: float, tolerance: float = 0.02) -> Check:
    """√⟨(E(t) - ⟨E⟩ of the motion)²⟩ / scale along held-out data, E that of the network.  Detects friction and drive.

    Resolution: data whose energy falls by 2 √12 = 7 % of the scale within a motion.
    """
    spread = float(np.sqrt(((energy - energy.mean(axis=1, keepdims=True)) ** 2).mean()) / scale)
    law = "the learned energy is constant along held-out data (relative spread)"
    if not math.isfinite(spread):
        return Check(law, None, 0.0, tolerance, "fail", source="conservation of energy", relation="<=")
    return Check.at_most(law, spread, 0.0, tolerance=tolerance, source="conservation of energy")


def energy_does_not_drift(
    energy: Float[np.ndarray, "n times"], scale: float, tolerance: float, what: str = "energy"
) -> Check:
    """max |E(t) - E(0)| / scale over all motions; fails too where a motion is not finite."""
    law = f"largest deviation of the {what} from its first value, relative"
    with np.errstate(invalid="ignore"):
        drift = float(np.abs(energy - energy[:, :1]).max() / scale)
    if not math.isfinite(drift):
        return Check(f"{law} (not finite)", None, 0.0, tolerance, "fail", source="conservation", relation="<=")
    return Check.at_most(law, drift, 0.0, tolerance=tolerance, source="conservation of energy")
