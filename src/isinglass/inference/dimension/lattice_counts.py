# SPDX-License-Identifier: Apache-2.0
"""The intrinsic dimension of rows of whole numbers, whose distances are often equal, from counts within two radii.

A ball |x|_1 <= t of the lattice Z^d holds V(t, d) = Σ_k C(d, k) C(t, k) 2^k sites (Delannoy's numbers), a polynomial
in d.  Of the rows within t2 of a row a share p = V(t1, d)/V(t2, d) is within t1, and the likelihood of d is largest
where that is the share that is counted.  Rows must be as dense all through t2; rows that coincide count.
Ref: Macocco, Glielmo, Grilli & Laio 2023, doi:10.1103/PhysRevLett.130.067401, arXiv:2207.09688.
"""

from math import log
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from isinglass.inference.dimension.neighbors import distance_blocks

__all__ = ["LatticeDimension", "lattice_dimension", "lattice_radii", "log_ball"]

BLOCKS = 20  # of rows, for the jackknife
LOWEST = 1e-3
INNER = 0.7  # t1/t2


class LatticeDimension(NamedTuple):
    """A dimension at a scale; inf or 0 where no d gives the counted share."""

    dimension: float
    error: float
    inner: int  # t1
    outer: int  # t2


def log_ball(t: int, d: float) -> float:
    """ln V(t, d) by t V(t) = (2 d + 1) V(t-1) + (t - 1) V(t-2), in ratios V(t)/V(t-1) that cannot overflow.

    Law: V(t, 1) = 2 t + 1, V(t, 2) = 2 t² + 2 t + 1, V(t, d) = V(d, t).
    """
    total, ratio = 0.0, 1.0
    for k in range(1, t + 1):
        ratio = ((2 * d + 1) + (k - 1) / ratio) / k
        total += log(ratio)
    return total


def lattice_radii(X: Float[np.ndarray, "n p"], neighbors: tuple[int, ...]) -> list[tuple[int, int]]:
    """(t1, t2): t2 the median distance of the k-th neighbor, at least 2, t1 about 0.7 t2; for each k."""
    near = np.concatenate([np.partition(r, neighbors, axis=1)[:, list(neighbors)] for _, r in distance_blocks(X)])
    outer = [max(2, round(float(t))) for t in np.median(near, axis=0)]
    return [(min(t - 1, max(1, round(INNER * t))), t) for t in outer]


def lattice_dimension(X: Float[np.ndarray, "n p"], inner: int, outer: int) -> LatticeDimension:
    """Maximum likelihood; its error by leaving out blocks of rows, as centers and as neighbors.

    Law: the order of rows and of columns, signs and whole shifts of columns change nothing.
    """
    block = np.eye(BLOCKS)[np.arange(len(X)) % BLOCKS]  # [n, BLOCKS]
    counts = np.zeros((2, BLOCKS, BLOCKS))
    for rows, r in distance_blocks(X):
        counts += [block[rows].T @ ((r <= t) @ block) for t in (inner, outer)]
    total, left_out = counts.sum(axis=(1, 2)), counts.sum(axis=2) + counts.sum(axis=1)
    without = total[:, None] - left_out + np.diagonal(counts, axis1=1, axis2=2)
    d = solved(float(total[0]), float(total[1]), inner, outer)
    each = np.array([solved(float(near), float(far), inner, outer) for near, far in without.T])
    error = float(np.sqrt((BLOCKS - 1) * each.var())) if np.isfinite(each).all() else np.inf
    return LatticeDimension(d, error, inner, outer)


def solved(near: float, far: float, inner: int, outer: int) -> float:
    """The d of V(inner, d)/V(outer, d) = near/far."""
    if near == 0:
        return np.inf
    if near == far:
        return 0.0

    def excess(log_d: float) -> float:
        d = float(np.exp(log_d))
        return log_ball(inner, d) - log_ball(outer, d) - log(near / far)

    low, high = log(LOWEST), log(1e5)
    if excess(low) <= 0 or excess(high) >= 0:
        return 0.0 if excess(low) <= 0 else np.inf
    return float(np.exp(brentq(excess, low, high)))
