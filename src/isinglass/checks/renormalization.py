# SPDX-License-Identifier: Apache-2.0
"""What must hold for exponents of the renormalization group to be right: the flow turns, and two ways agree."""

from isinglass.result import Check, Estimate

__all__ = ["exponents_agree", "flow_turns", "levels_agree", "on_a_torus", "relevant"]


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

    `unknown` where they differ, or where the errors allow a tenth of the exponent more.  False alarm 3e-3.
    Resolution: a tenth and the share.
    """
    error = ((by_matrix.error or 0.0) ** 2 + (other.error or 0.0) ** 2) ** 0.5
    tolerance = 3 * error + share * abs(other.value)
    shown = abs(by_matrix.value - other.value) <= tolerance and 3 * error <= LOOSE * abs(by_matrix.value)
    law = f"{name} by the matrix of couplings and by {way}"
    return Check(law, by_matrix.value, other.value, tolerance, "pass" if shown else "unknown", error)


LOOSE = 0.3  # of an exponent, three errors at most


def relevant(exponents: dict[str, Estimate], dimension: int) -> list[Check]:
    """0 < y <= d, within 3 errors: y = d is a transition of first order, and no correlation grows faster."""
    return [
        Check.at_most(f"{name} is at most d", e.value, float(dimension), tolerance=3 * (e.error or 0.0), error=e.error)
        for name, e in exponents.items()
    ]


def on_a_torus(boundary: str) -> Check:
    """Blocks are taken around the lattice: its boundary is periodic; `unknown` where it is another or not known."""
    law = f"the lattice is periodic ({boundary} boundary)"
    return Check(law, None, None, None, "pass" if boundary == "periodic" else "unknown")
