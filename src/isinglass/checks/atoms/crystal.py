# SPDX-License-Identifier: Apache-2.0
"""Are atoms at rest at a minimum of their energy, and is it stable?  Deterministic: no false alarms but round-off."""

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Float

from isinglass.result import Check

__all__ = ["elastically_stable", "energy_fell", "forces_vanish", "same_energy", "stress_is_pressure", "sum_rule",
           "vibrations_stable", "walkers_agree"]  # fmt: skip

SOFT = 0.1  # THz


def forces_vanish(force: float, tolerance: float) -> Check:
    """Largest |F_i|, as the neighbors of another search have it, at most twice what the relaxation was to reach."""
    return Check.at_most("largest force, eV/Å", force, 0.0, tolerance=2 * tolerance, source="a minimum")


def stress_is_pressure(stress: Float[np.ndarray, "3 3"], pressure: float, tolerance: float, shape: str) -> Check:
    """Largest |σ + P| in GPa, of an isotropic cell |tr σ/3 + P|, at most twice what the relaxation was to reach."""
    beside = stress + pressure * np.eye(3)
    largest = abs(np.trace(beside)) / 3 if shape == "isotropic" else np.abs(beside).max()
    return Check.at_most("largest stress beside the pressure, GPa", largest, 0.0, tolerance=2 * tolerance,
                         source="a minimum of the enthalpy")  # fmt: skip


def same_energy(energy: float, other: float, n: int) -> Check:
    """|E - E'| an atom, with the neighbors of vesin: sees pairs that a table lacks.  Resolution 1e-8 eV, or of E."""
    tolerance = 1e-8 * max(1.0, abs(other) / n)
    return Check.within(
        "energy an atom with neighbors found by vesin, eV", energy / n, other / n, tolerance, source="vesin"
    )


def energy_fell(before: float, after: float, n: int) -> Check:
    """H an atom at the end at most that at the start."""
    tolerance = 1e-10 * max(1.0, abs(before) / n)
    return Check.at_most(
        "enthalpy an atom is not above that of the start, eV", after / n, before / n, tolerance=tolerance
    )


def vibrations_stable(frequency: Float[np.ndarray, "k modes"], freedom: int, *, wide: bool = True) -> Check:
    """No frequency below -0.1 THz (imaginary ones are negative): a saddle, or a crystal that wants to be another.

    A pass is `unknown` where fewer modes than `freedom` at the first wave vector, 0, have a frequency, as of parts out
    of each other's reach; and where the supercell is not `wide`, so that waves may be unstable that do not fit into it.
    """
    lowest = float(np.min(frequency)) if np.size(frequency) else math.nan
    law = "lowest vibration, THz (imaginary: negative)"
    check = Check.at_least(law, lowest, 0.0, tolerance=SOFT, source="a minimum")
    if check.verdict != "pass":
        return check
    idle = freedom - int(np.sum(frequency[0] > SOFT))
    if idle > 0:
        why = f"{idle} that cost nothing besides translations and rotations: parts out of each other's reach?"
    elif not wide:
        why = "a supercell below twice the cutoff: other waves may be unstable; choose a larger reach and supercell"
    else:
        return check
    return replace(check, law=f"{law} ({why})", verdict="unknown")


def elastically_stable(least: float) -> Check:
    """The smallest eigenvalue of C is positive (Born 1940, doi:10.1017/S0305004100017138)."""
    return Check.at_least("smallest eigenvalue of the elastic constants, GPa", least, 0.0, source="Born's criterion")


def sum_rule(largest: float, tolerance: float = 1e-8) -> Check:
    """|Σ_j Φ_ij| over the largest Φ: translations cost nothing.  Sees a table of neighbors without partners."""
    return Check.at_most("acoustic sum rule", largest, 0.0, tolerance=tolerance, source="translations")


def walkers_agree(arrived: int, walkers: int) -> Check:
    """Two searches or more came to the deepest minimum, else `unknown`: one alone may have missed a deeper.

    All that began in it are one, as they share their start.  No proof: where all are in one funnel, they agree too.
    """
    law = f"walkers of {walkers} that came to the deepest minimum, those that began there as one"
    check = Check.at_least(law, arrived, 2)
    more = f"{law} (more or longer hops decide, or another start)"
    return check if check.verdict == "pass" else replace(check, verdict="unknown", law=more)
