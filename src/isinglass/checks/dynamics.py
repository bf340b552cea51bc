# SPDX-License-Identifier: Apache-2.0
"""Does a time evolution follow Schrödinger's equation?"""

import numpy as np
from jaxtyping import Float

from isinglass.result import Check, none_or_float

__all__ = ["energy_is_conserved", "energy_never_rises", "follows", "stays_near"]


def energy_is_conserved(energy: Float[np.ndarray, " times"], scale: float, tolerance: float = 1e-3) -> Check:
    """max_t |E(t) - E(0)| / scale.  Detects long steps and imaginary time, not the sign of time.

    `scale`: of energies, which no constant in H changes.
    Deterministic where the energy is a sum over all states; else its noise must be far below the tolerance.
    """
    drift = np.abs(np.asarray(energy) - energy[0]).max() / scale
    return Check.at_most("relative drift of the energy", drift, 0.0, tolerance=tolerance, source="conservation")


def energy_never_rises(energy: Float[np.ndarray, " times"], scale: float, tolerance: float = 1e-3) -> Check:
    """max_t (E(t + dt) - E(t)) / scale: in imaginary time dE/dt = -2 Var H.  Detects long steps and a wrong sign."""
    rise = np.diff(np.asarray(energy)).max() / scale
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


def stays_near(distance_bound: Float[np.ndarray, " times"], tolerance: float = 1e-2) -> Check:
    """|ψ(t) - exact| at most the tolerance: it is at most ∫ r √Var H ds, r the share of the motion outside the ansatz.

    An observable then deviates by at most 2 |A| times it.  A bound above the tolerance refutes nothing: `unknown`.
    It holds for short steps: `energy_is_conserved` sees long ones.  Resolution: a residual of (tolerance / t)² / Var H.
    """
    law = "the state is near the exact one at the last time (bound by the residual)"
    reached = float(distance_bound[-1])
    if reached <= tolerance:
        return Check.at_most(law, reached, 0.0, tolerance=tolerance, source="∫ r √Var H ds")
    law += "; a wider ansatz or exact values would decide"
    return Check(law, none_or_float(reached), 0.0, tolerance, "unknown", source="∫ r √Var H ds", relation="<=")
