# SPDX-License-Identifier: Apache-2.0
"""Distances of rows: Σ |x - y| between whole numbers (of spins: how many differ), √Σ (x - y)² between real numbers."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial.distance import cdist

__all__ = ["NearestTwo", "distance_blocks", "nearest_two", "two_valued", "whole"]

BLOCK = 512  # rows at a time
LARGEST = 2**22  # products of whole numbers that float32 adds without rounding


class NearestTwo(NamedTuple):
    """Of each row."""

    r1: Float[np.ndarray, " n"]  # distance of the nearest other row
    r2: Float[np.ndarray, " n"]  # of the second nearest
    first: Int[np.ndarray, " n"]  # which row is the nearest


def whole(X: Float[np.ndarray, "n p"]) -> bool:
    """Whether all entries are whole numbers."""
    return bool(np.all(np.rint(X) == X))


def two_valued(X: Float[np.ndarray, "n p"]) -> bool:
    """Whether the entries are two numbers, as spins are."""
    low, high = X.min(), X.max()
    return bool(np.all((low == X) | (high == X)))


def distance_blocks(X: Float[np.ndarray, "n p"]) -> Iterator[tuple[slice, Float[np.ndarray, "b n"]]]:
    """Rows of the matrix of distances, inf on its diagonal.  Cost: n² p; of two-valued rows by matrix products."""
    spins = two_valued(X) and X.shape[1] < LARGEST
    metric = "cityblock" if whole(X) else "euclidean"
    s = np.where(X.max() == X, 1, -1).astype(np.float32) if spins else X
    unit = float(np.ptp(X)) if spins and metric == "cityblock" else 1.0
    for begin in range(0, len(X), BLOCK):
        rows = slice(begin, min(begin + BLOCK, len(X)))
        r = (s.shape[1] - s[rows] @ s.T).astype(float) / 2 * unit if spins else cdist(s[rows], s, metric)
        r[np.arange(len(r)), np.arange(rows.start, rows.stop)] = np.inf
        yield rows, r


def nearest_two(X: Float[np.ndarray, "n p"], kept: Bool[np.ndarray, " n"] | None = None) -> NearestTwo:
    """Distances of the two nearest other rows; of `kept` rows alone, as if the others were not there."""
    X = X if kept is None else X[kept]
    r1, r2, first = np.empty(len(X)), np.empty(len(X)), np.empty(len(X), int)
    for rows, r in distance_blocks(X):
        r1[rows], r2[rows] = np.partition(r, (0, 1), axis=1)[:, :2].T
        first[rows] = r.argmin(axis=1)
    return NearestTwo(r1, r2, first)
