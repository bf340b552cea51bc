# SPDX-License-Identifier: Apache-2.0
"""What must hold for exponents of the renormalization group to be right: the flow turns, and two ways agree."""

import numpy as np

from isinglass.result import Check, Estimate

__all__ = ["exponents_agree", "flow_turns", "levels_agree", "on_a_torus", "relevant"]

LOOSE = 0.3  # of an exponent, three errors at most


def flow_turns(low: Estimate, high: Estimate) -> Check:
    """The change of <s s'> has both signs, each by more than 4 errors; `unknown` otherwise: no transition is seen.

    False alarm 6e-5 of a flow that only nears 0.
    """
    law = "blocking orders on one side and disorders on the other, smaller of both changes in errors"
    signs = low.value * high.value < 0
    least = min(abs(e.value) / e.error if e.error else 0.0 for e in (low, high)) if signs else 0.0
    return Check(law, least, 4.0, 0.0, "pass" if signs and least > 4 else "unknown", relation=">=")


def levels_agree(change: Estimate, scale: float, name: str) -> Check:
    """Two levels of blocking give one value, within 3 errors and this share of it; `unknown` where they differ.

    What they differ by dies out with the level.  False alarm 3e-3.
    """
    tolerance = 3 * (change.error or 0.0) + scale
    verdict = "pass" if change.error is not None and abs(change.value) <= tolerance else "unknown"
    return Check(
        f"the last two levels of blocking give one {name}", change.value, 0.0, tolerance, verdict, change.error
    )


def exponents_agree(by_matrix: Estimate, other: Estimate, name: str, way: str, share: float) -> Check:
    """The exponent by the matrix of couplings and by another way, within 3 errors of both and a share of it.

    `unknown` where they differ, where either has no error, or where three errors are above 0.3 of the exponent.
    False alarm 3e-3.  Resolution: that, and the share.
    """
    error = float(np.hypot(by_matrix.error or 0.0, other.error or 0.0))
    tolerance = 3 * error + share * abs(other.value)
    known = by_matrix.error is not None and other.error is not None
    shown = known and abs(by_matrix.value - other.value) <= tolerance and 3 * error <= LOOSE * abs(by_matrix.value)
    law = f"{name} by the matrix of couplings and by {way}"
    return Check(law, by_matrix.value, other.value, tolerance, "pass" if shown else "unknown", error)


def relevant(exponents: dict[str, Estimate], dimension: int) -> list[Check]:
    """0 < y <= d within 3 errors: y = d is a transition of first order, and no correlation grows faster.

    `unknown` where y is not above 0 by 3 errors, or has no error.
    """
    found = []
    for name, e in exponents.items():
        wide = 3 * (e.error or 0.0)
        shown = e.error is not None and e.value > wide
        verdict = "fail" if e.value > dimension + wide else "pass" if shown else "unknown"
        law = f"{name} is above 0 and at most d"
        found.append(Check(law, e.value, float(dimension), wide, verdict, e.error, relation="<="))
    return found


def on_a_torus(boundary: str) -> Check:
    """Blocks are taken around the lattice: its boundary is periodic; `unknown` where it is another or not known."""
    law = f"the lattice is periodic ({boundary} boundary)"
    return Check(law, None, None, None, "pass" if boundary == "periodic" else "unknown")
