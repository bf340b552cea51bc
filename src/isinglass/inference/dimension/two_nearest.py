# SPDX-License-Identifier: Apache-2.0
"""The intrinsic dimension d of rows, from the distances r1 < r2 of the two nearest neighbors of each.

Where the density of rows does not change within r2, μ = r2/r1 has the law p(μ) = d μ^(-d-1), whatever the density:

    d = (m - 1)/Σ ln μ,   error d/√m if the μ of m rows were independent.

They are not where a few rows are the nearest neighbor of many (hubs): the error is the spread over disjoint parts of
the rows, if that is larger.  Ref: Facco, d'Errico, Rodriguez & Laio 2017, doi:10.1038/s41598-017-11873-y;
hubs: Radovanović, Nanopoulos & Ivanović 2010, J. Mach. Learn. Res. 11, 2487.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.inference.dimension.neighbors import NearestTwo, nearest_two

__all__ = ["PARTS", "TwoNearest", "apart", "dimension_of", "two_nearest"]

PARTS = 8  # disjoint parts of the rows, for the error and for a larger scale


class TwoNearest(NamedTuple):
    """A dimension and what it rests on."""

    dimension: float
    error: float
    of_parts: float  # mean over parts of n/PARTS rows: at a scale PARTS^(1/d) times larger
    of_parts_error: float
    ties: float  # share of rows with r1 = r2
    copies: float  # share of rows with r1 = 0, which are left out
    hub: float  # largest share of rows with one and the same nearest neighbor
    distance: float  # median r2


def dimension_of(near: NearestTwo) -> float:
    """d = (m - 1)/Σ ln (r2/r1) over the m rows with r1 > 0.

    Law: a change of unit, a rotation, more columns that are constant change nothing.  Errors: InputError for no ratio.
    """
    apart = near.r1 > 0
    total = float(np.log(near.r2[apart] / near.r1[apart]).sum())
    if total <= 0:
        found = f"{int(apart.sum())} rows with a neighbor at a distance, none with two different distances"
        raise InputError("rows whose nearest two neighbors are not equally far", found, "give more rows")
    return (int(apart.sum()) - 1) / total


def two_nearest(rng: np.random.Generator, X: Float[np.ndarray, "n p"]) -> TwoNearest:
    """The dimension of all rows; its error and its change with scale from random disjoint parts.

    Law: uniform rows on a torus of dimension d give d within errors.
    """
    near = nearest_two(X)
    d = dimension_of(near)
    order = rng.permutation(len(X))
    parts = np.array([dimension_of(nearest_two(X[order[k::PARTS]])) for k in range(PARTS)])
    relative = float(parts.std(ddof=1) / parts.mean()) / PARTS**0.5
    apart = near.r1 > 0
    return TwoNearest(
        d, d * max(relative, 1 / int(apart.sum()) ** 0.5), float(parts.mean()), float(parts.mean()) * relative,
        float(np.mean(near.r1[apart] == near.r2[apart])), float(1 - apart.mean()),
        float(np.bincount(near.first).max() / len(X)), float(np.median(near.r2)),
    )  # fmt: skip


def apart(rng: np.random.Generator, near: NearestTwo) -> NearestTwo:
    """Whole distances moved at random within ½, in order again: ties are broken."""
    moved = np.sort(np.abs(np.stack([near.r1, near.r2]) + rng.uniform(-0.5, 0.5, (2, len(near.r1)))), axis=0)
    return near._replace(r1=moved[0], r2=moved[1])
