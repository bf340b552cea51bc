# SPDX-License-Identifier: Apache-2.0
"""Network outputs summed within each Markov chain: all that curves against T and their bootstrap need."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

__all__ = ["ChainSums", "Curves", "bootstrap_curves", "chain_sums", "curves"]


class ChainSums(NamedTuple):
    """Sums over the configurations of one chain at one temperature; the logit z is standardized first."""

    T: Float[np.ndarray, " T"]
    count: Float[np.ndarray, "T chains"]
    output: Float[np.ndarray, "members T chains"]  # Σ P(ordered)
    powers: Float[np.ndarray, "3 members T chains"]  # Σ z, Σ z², Σ z³


class Curves(NamedTuple):
    """What is drawn against T."""

    output: Float[np.ndarray, "*resamples T"]  # mean P(ordered)
    skewness: Float[np.ndarray, "*resamples T"]  # <(z - <z>)³> / <(z - <z>)²>^(3/2) at this T, mean over members


def chain_sums(
    z: Float[np.ndarray, "members n"], T: Float[np.ndarray, " n"], chain: Shaped[np.ndarray, " n"]
) -> ChainSums:
    """Add up by temperature and chain.  Standardizing by all rows is affine and leaves the skewness as it is."""
    points, t = np.unique(T, return_inverse=True)
    labels, c = np.unique(chain, return_inverse=True)
    shape = (len(points), len(labels))

    def add(rows):
        return np.stack([np.bincount(t * shape[1] + c, row, shape[0] * shape[1]).reshape(shape) for row in rows])

    u = (z - z.mean(axis=1, keepdims=True)) / np.maximum(z.std(axis=1, keepdims=True), 1e-30)
    output = add(1 / (1 + np.exp(-z)))
    return ChainSums(points, add([np.ones(len(T))])[0], output, np.stack([add(u**k) for k in (1, 2, 3)]))


def curves(
    sums: ChainSums, chains: Float[np.ndarray, " chains"] | None = None, members: Float[np.ndarray, " M"] | None = None
) -> Curves:
    """Curves with each chain and each network counted so many times (once by default)."""
    w = np.ones(sums.count.shape[1]) if chains is None else chains
    v = np.ones(len(sums.output)) if members is None else members
    v = v / v.sum()
    n = sums.count @ w
    first, second, third = sums.powers @ w / n  # [members, T]
    variance = second - first**2
    central = third - 3 * first * second + 2 * first**3
    return Curves(v @ (sums.output @ w / n), v @ (central / np.maximum(variance, 1e-30) ** 1.5))


def bootstrap_curves(rng: np.random.Generator, sums: ChainSums, resamples: int) -> Curves:
    """Curves of resampled chains and networks, each drawn with replacement, [resamples, T].

    A chain is drawn with all its temperatures, which is right for independent chains and for tempering.
    """
    n_members, n_chains = len(sums.output), sums.count.shape[1]
    draws = [
        curves(sums, rng.multinomial(n_chains, np.full(n_chains, 1 / n_chains)).astype(float), members)
        for members in rng.multinomial(n_members, np.full(n_members, 1 / n_members), resamples).astype(float)
    ]
    return Curves(*(np.stack(each) for each in zip(*draws, strict=True)))
