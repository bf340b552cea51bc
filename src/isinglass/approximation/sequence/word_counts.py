# SPDX-License-Identifier: Apache-2.0
"""Prediction by counting: what followed the last r symbols in the training, q(a | word) = (n_a + 1/2)/(n + k/2).

Ref: Krichevsky & Trofimov 1981, doi:10.1109/TIT.1981.1056331.
"""

import numpy as np
from jaxtyping import Float, Int

__all__ = ["MOST_WORDS", "counted_losses"]

MOST_WORDS = 2**20  # k^(r + 1), of a table


def counted_losses(
    trained: Int[np.ndarray, "m M"], held: Int[np.ndarray, "n N"], k: int, order: int
) -> Float[np.ndarray, "n N"]:
    """-ln q of each symbol of `held` by the r = `order` symbols before it, or by all there are where these are fewer.

    Law: for r = 0 the mean is that of independent symbols; for a chain of order r it tends to the entropy rate.
    Errors: ValueError for more words than a table holds.
    """
    if k ** (order + 1) > MOST_WORDS:
        raise ValueError(f"at most 2^20 words, got {k}^{order + 1}.")
    N = held.shape[1]
    losses = np.empty(held.shape)
    for r in range(min(order, N - 1) + 1):
        count = np.full((k**r, k), 0.5)
        word, follows = words(trained, k, r)
        np.add.at(count, (word.ravel(), follows.ravel()), 1.0)
        loss = -np.log(count / count.sum(axis=1, keepdims=True))
        places = [r] if r < order else range(r, N)
        word, follows = words(held, k, r)
        for t in places:
            losses[:, t] = loss[word[:, t - r], follows[:, t - r]]
    return losses


def words(x: Int[np.ndarray, "n N"], k: int, r: int) -> tuple[Int[np.ndarray, "n M"], Int[np.ndarray, "n M"]]:
    """The number of each word of r symbols, and the symbol after it."""
    M = x.shape[1] - r
    number = np.zeros((len(x), M), np.int64)
    for i in range(r):
        number = number * k + x[:, i : i + M]
    return number, x[:, r:].astype(np.int64)
