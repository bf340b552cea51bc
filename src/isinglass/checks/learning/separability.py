# SPDX-License-Identifier: Apache-2.0
"""Does the plane separate, or does the proof that there is none hold?  Would random labels be separable as well?"""

from isinglass.result import Check

__all__ = ["as_permuted", "general_position", "no_plane", "plane_separates"]

SURE = 1e-7  # residual of the proof that there is no plane, for unit points
COVER = "Cover 1965, doi:10.1109/PGEC.1965.264137"


def plane_separates(margin: float) -> Check:
    """Every point is on its side, by its distance."""
    return Check.at_least("least y (w·x + b) over points, by lengths", margin, 1e-12)


def no_plane(residual: float) -> Check:
    """Σ c y x = r with c >= 0, Σ c = 1 and unit x: no unit w has all y w·x > |r| (Gordan)."""
    law = "bound of the margin of any plane, by lengths, from the weights that show that there is none"
    if residual <= SURE:
        return Check.at_most(law, residual, SURE)
    law += "; neither proof holds to rounding: the points touch"
    return Check(law, residual, SURE, 0.0, "unknown", relation="<=")


def as_permuted(share: float, permutations: int, separable: bool) -> Check:  # noqa: FBT001
    """Whether the labels tell of the points: of separable ones few permutations are separable."""
    law = f"share of {permutations} permutations of the labels that are separable"
    if not separable or share <= 0.05:  # noqa: PLR2004
        return Check.at_most(law, share, 1.0 if not separable else 0.05)
    why = "a plane separates random labels too: that it separates these tells nothing"
    return Check(f"{law}; {why}", share, 0.05, 0.0, "unknown", relation="<=", source=COVER)


def general_position(repeated: int) -> Check:
    """Cover's count is of points in general position; of others it is an upper bound."""
    law = "points that are equal to another"
    if not repeated:
        return Check.at_most(law, 0.0, 0.0)
    return Check(f"{law}; Cover's probability is an upper bound", repeated, 0.0, 0.0, "unknown", relation="<=")
