# SPDX-License-Identifier: Apache-2.0
"""Does a time evolution follow Schrödinger's equation?"""

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["energy_is_conserved", "energy_never_rises", "follows"]


def energy_is_conserved(energy: Float[np.ndarray, " times"], tolerance: float = 1e-3) -> Check:
    """max_t |E(t) - E(0)| / |E(0)|.  Detects long steps and imaginary time, not the sign of time.

    Deterministic where the energy is a sum over all states; else its noise must be far below the tolerance.
    """
    drift = np.abs(np.asarray(energy) / energy[0] - 1).max()
    return Check.at_most("relative drift of the energy", drift, 0.0, tolerance=tolerance, source="conservation")


def energy_never_rises(energy: Float[np.ndarray, " times"], tolerance: float = 1e-3) -> Check:
    """max_t (E(t + dt) - E(t)) / |E(0)|: in imaginary time dE/dt = -2 Var H.  Detects long steps and a wrong sign."""
    rise = (np.diff(np.asarray(energy)) / abs(energy[0])).max()
    return Check.at_most("relative rise of the energy in imaginary time", rise, 0.0, tolerance=tolerance,
                         source="dE/dt = -2 Var H")  # fmt: skip


def follows(
    name: str,
    values: Float[np.ndarray, " times"],
    exact: Float[np.ndarray, " times"],
    tolerance: float = 1e-2,
    source: str = "",
) -> Check:
    """max_t |A(t) - exact| at most the tolerance, which must be far above the noise of A(t): no false alarm then."""
    worst = np.abs(np.asarray(values) - np.asarray(exact)).max()
    return Check.at_most(f"{name} follows the exact one at all times", worst, 0.0, tolerance=tolerance, source=source)
