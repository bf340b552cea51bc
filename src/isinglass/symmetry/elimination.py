# SPDX-License-Identifier: Apache-2.0
"""Gauss's elimination modulo a prime: systems of linear equations of whole numbers, without rounding."""

import numpy as np
from jaxtyping import Int

__all__ = ["LARGE_PRIME", "echelon", "null_space"]

LARGE_PRIME = 2**31 - 1  # modulo which equations of small whole numbers have no other solutions than rational ones


def echelon(rows: Int[np.ndarray, "K N"], p: int) -> tuple[Int[np.ndarray, "rank N"], list[int]]:
    """The reduced row echelon form modulo the prime p, without rows of zeros, and the columns of its pivots.

    Law: each pivot is 1 and alone in its column.
    """
    rows, pivots = np.unique(np.asarray(rows, np.int64) % p, axis=0), []
    for column in range(rows.shape[1]):
        top = len(pivots)
        below = np.flatnonzero(rows[top:, column])
        if not len(below):
            continue
        rows[[top, top + below[0]]] = rows[[top + below[0], top]]
        rows[top] = rows[top] * pow(int(rows[top, column]), -1, p) % p
        others = np.flatnonzero(rows[:, column])
        others = others[others != top]
        rows[others] = (rows[others] - rows[others, column, None] * rows[top]) % p
        pivots.append(column)
    return rows[: len(pivots)], pivots


def null_space(rows: Int[np.ndarray, "K N"], p: int) -> Int[np.ndarray, "r N"]:
    """A basis of all q with Σ_i rows_ki q_i = 0 modulo p, entries from -p/2 to p/2.  Law: rank + r = N."""
    reduced, pivots = echelon(rows, p)
    free = [i for i in range(rows.shape[1]) if i not in pivots]
    basis = np.zeros((len(free), rows.shape[1]), np.int64)
    basis[np.arange(len(free)), free] = 1
    basis[:, pivots] = -reduced[:, free].T % p
    return np.where(basis > p // 2, basis - p, basis)
