# SPDX-License-Identifier: Apache-2.0
"""Can planes separate the classes?  Then the likelihood has no maximum: coefficients grow without end.

There is a direction with (w_{y_i} - w_k)·x_i >= 0 for all rows and classes, and > 0 for some, exactly if no finite
maximum exists.  Albert & Anderson 1984, doi:10.1093/biomet/71.1.1.  Found by linear programming, on more and more rows:
if some rows of full rank are not separable, all are not.
"""

import numpy as np
from jaxtyping import Float, Int
from scipy.optimize import linprog

__all__ = ["separable"]

FIRST = 20  # rows for each number looked for, at first
MARGIN = 1e-7


def separable(X: Float[np.ndarray, "n p"], y: Int[np.ndarray, " n"]) -> bool:
    """Whether planes separate a class from another, wholly or but for rows that lie on them; y from 0 to K - 1."""
    Z = np.concatenate([(X - X.mean(axis=0)) / X.std(axis=0), np.ones((len(X), 1))], axis=1)
    K, n, order = int(y.max()) + 1, len(X), np.random.default_rng(0).permutation(len(X))
    size = min(n, FIRST * K * Z.shape[1])
    while True:
        part = order[:size]
        whole = len(np.unique(y[part])) == K and np.linalg.matrix_rank(Z[part]) == np.linalg.matrix_rank(Z)
        found = has_direction(Z[part], y[part], K)
        if size == n or (whole and not found):
            return found
        size = min(n, 4 * size)


def has_direction(Z: Float[np.ndarray, "n q"], y: Int[np.ndarray, " n"], K: int) -> bool:
    """max Σ_i m_i, m_i = (w_{y_i} - w_k)·z_i in [0, 1]: above 0 if there is such a direction."""
    n, q = Z.shape
    rows = []
    for k in range(K):
        others = np.flatnonzero(y != k)
        block = np.zeros((len(others), K, q))
        block[np.arange(len(others)), y[others]] = Z[others]
        block[:, k] -= Z[others]
        rows.append(block[:, 1:].reshape(len(others), -1))  # w_0 = 0
    A = np.concatenate(rows)
    found = linprog(-A.sum(axis=0), np.concatenate([A, -A]), np.concatenate([np.ones(len(A)), np.zeros(len(A))]),
                    bounds=(None, None), method="highs")  # fmt: skip
    return not found.success or -found.fun > MARGIN * n
