# SPDX-License-Identifier: Apache-2.0
"""The entropy of a hidden Markov chain: states by A_ij = p(s_(t+1) = j | s_t = i), symbols by B_ia = p(a | s_t = i).

Nats.  The rate has no closed form; block entropies bound it from both sides, closer and closer.
Textbook: Cover & Thomas, Elements of Information Theory, theorem 4.5.1.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.special import entr

from isinglass.exact.sequence.markov_chain import stationary_distribution

__all__ = ["EntropyBounds", "block_entropies", "entropy_bounds"]

WORDS = 2**24


class EntropyBounds(NamedTuple):
    """lower <= h <= upper."""

    lower: float
    upper: float


def block_entropies(
    A: Float[np.ndarray, "m m"], B: Float[np.ndarray, "m k"], n: int, start: Float[np.ndarray, " m"] | None = None
) -> Float[np.ndarray, " n"]:
    """H(x_1 ... x_t), t = 1 ... n, from the probabilities of all k^t words: s_1 from `start`, stationary if not given.

    Law: increments do not grow, for the stationary chain.  Cost: m² k^n.  Errors: ValueError beyond 2^24 words.
    """
    if B.shape[1] ** n > WORDS:
        raise ValueError(f"at most 2^24 words, got {B.shape[1]}^{n}.")
    pi = stationary_distribution(A) if start is None else start
    before, entropies = pi[None, :], []  # before: p(x_1 ... x_(t-1), s_t) of each word
    for _ in range(n):
        joint = (before[:, None, :] * B.T[None]).reshape(-1, len(A))  # p(x_1 ... x_t, s_t): the forward algorithm
        entropies.append(entr(joint.sum(axis=1)).sum())
        before = joint @ A
    return np.array(entropies)


def entropy_bounds(A: Float[np.ndarray, "m m"], B: Float[np.ndarray, "m k"], n: int) -> EntropyBounds:
    """H(x_n | x_1 ... x_(n-1), s_1) <= h <= H(x_n | x_1 ... x_(n-1)), n > 1."""
    upper = np.diff(block_entropies(A, B, n))[-1]
    known = [np.diff(block_entropies(A, B, n, start))[-1] for start in np.eye(len(A))]
    return EntropyBounds(float(stationary_distribution(A) @ known), float(upper))
