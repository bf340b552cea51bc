# SPDX-License-Identifier: Apache-2.0
"""Rows to fit and rows to test: at random, rows that are equal on one side, every class on both."""

import numpy as np
from jaxtyping import Float, Int, Real

__all__ = ["repeats", "rows_to_test"]

MOST = 2000  # rows to test


def repeats(X: Float[np.ndarray, "n p"], y: Real[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """A number for each row; equal rows have the same."""
    return np.unique(np.concatenate([X, y[:, None].astype(float)], axis=1), axis=0, return_inverse=True)[1].reshape(-1)


def rows_to_test(
    rng: np.random.Generator, group: Int[np.ndarray, " n"], share: float, classes: Int[np.ndarray, " n"] | None = None
) -> np.ndarray:
    """Which rows are to test: a share of the groups, at most 2000 rows; of each class by itself."""
    share = min(share, MOST / len(group))
    held = np.zeros(len(group), bool)
    for k in range(1 if classes is None else int(classes.max()) + 1):
        own = np.unique(group if classes is None else group[classes == k])
        n = min(max(1, round(share * len(own))), len(own) - 1)
        held |= np.isin(group, rng.permutation(own)[:n])
    return held
