# SPDX-License-Identifier: Apache-2.0
"""The entropy of a Markov chain, P_ij = p(x_(t+1) = j | x_t = i).  Natural logarithms (nats).

Textbook: Cover & Thomas, Elements of Information Theory, ch. 4.
Ref: Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x.
"""

import numpy as np
from jaxtyping import Float
from scipy.special import entr

__all__ = ["block_entropy", "entropy_rate", "stationary_distribution"]

NEAR = 1e-9


def stationary_distribution(P: Float[np.ndarray, "k k"]) -> Float[np.ndarray, " k"]:
    """π P = π, Σ π_i = 1.

    Errors: ValueError for rows that are no distributions, and for chains that have several.
    """
    if (P < 0).any() or not np.allclose(P.sum(axis=1), 1, atol=NEAR):
        raise ValueError("rows of P that are not negative and sum to 1.")
    k = len(P)
    if np.linalg.matrix_rank(P - np.eye(k), tol=NEAR) < k - 1:
        raise ValueError("a chain with one stationary distribution, got several classes that are never left.")
    equations = np.vstack([(P - np.eye(k)).T, np.ones(k)])
    pi = np.linalg.lstsq(equations, np.append(np.zeros(k), 1.0), rcond=None)[0]
    return np.maximum(pi, 0.0)


def entropy_rate(P: Float[np.ndarray, "k k"]) -> float:
    """h = -Σ_i π_i Σ_j P_ij ln P_ij: what the next symbol of a long sequence tells.

    Law: 0 <= h <= H(π), the second with equality for independent symbols.
    """
    return float(stationary_distribution(P) @ entr(P).sum(axis=1))


def block_entropy(P: Float[np.ndarray, "k k"], n: int) -> float:
    """H(x_1 ... x_n) = H(π) + (n - 1) h, of the stationary chain."""
    return float(entr(stationary_distribution(P)).sum()) + (n - 1) * entropy_rate(P)
