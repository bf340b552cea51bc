# SPDX-License-Identifier: Apache-2.0
"""Network outputs summed within each Markov chain: all that curves against T and their bootstrap need."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

__all__ = ["ChainSums", "OutputCurves", "bootstrap_curves", "chain_sums", "curves"]


class ChainSums(NamedTuple):
    """Sums over the configurations of one chain at one temperature; the logit z is standardized first."""

    T: Float[np.ndarray, " T"]
    count: Float[np.ndarray, "T chains"]
    output: Float[np.ndarray, "members T chains"]  # Σ P(ordered)
    powers: Float[np.ndarray, "3 members T chains"]  # Σ z, Σ z², Σ z³
    energy: Float[np.ndarray, "T chains"] | None  # Σ E
    cross: Float[np.ndarray, "members T chains"] | None  # Σ z E


class OutputCurves(NamedTuple):
    """Curves against T, as figures show them."""

    output: Float[np.ndarray, "*resamples T"]  # mean P(ordered)
    skewness: Float[np.ndarray, "*resamples T"]  # <(z - <z>)³> / <(z - <z>)²>^(3/2) at this T, mean over members
    log_slope: Float[np.ndarray, "*resamples T"] | None  # ln |d<z>/dT| / σ_z, d<z>/dT = (<z E> - <z><E>) / T²


def chain_sums(
    z: Float[np.ndarray, "members n"],
    T: Float[np.ndarray, " n"],
    chain: Shaped[np.ndarray, " n"],
    energy: Float[np.ndarray, " n"] | None = None,
) -> ChainSums:
    """Add up by temperature and chain.  Standardizing by all rows is affine and leaves the skewness as it is."""
    points, t = np.unique(T, return_inverse=True)
    labels, c = np.unique(chain, return_inverse=True)
    shape = (len(points), len(labels))

    def add(rows):
        return np.stack([np.bincount(t * shape[1] + c, row, shape[0] * shape[1]).reshape(shape) for row in rows])

    u = (z - z.mean(axis=1, keepdims=True)) / np.maximum(z.std(axis=1, keepdims=True), 1e-30)
    output = add(1 / (1 + np.exp(-z)))
    count, powers = add([np.ones(len(T))])[0], np.stack([add(u**k) for k in (1, 2, 3)])
    if energy is None:
        return ChainSums(points, count, output, powers, None, None)
    E = energy - energy.mean()
    return ChainSums(points, count, output, powers, add([E])[0], add(u * E))


def curves(
    sums: ChainSums, chains: Float[np.ndarray, " chains"] | None = None, members: Float[np.ndarray, " M"] | None = None
) -> OutputCurves:
    """Curves with given multiplicities of chains and networks (once each by default)."""
    w = np.ones(sums.count.shape[1]) if chains is None else chains
    v = np.ones(len(sums.output)) if members is None else members
    v = v / v.sum()
    n = sums.count @ w
    first, second, third = sums.powers @ w / n  # [members, T]
    variance = second - first**2
    central = third - 3 * first * second + 2 * first**3
    variance = np.maximum(variance, 1e-30)
    log_slope = None
    if sums.energy is not None and sums.cross is not None:
        slope = (sums.cross @ w / n - first * (sums.energy @ w / n)) / sums.T**2
        log_slope = v @ np.log(np.maximum(np.abs(slope), 1e-30) / variance**0.5)
    return OutputCurves(v @ (sums.output @ w / n), v @ (central / variance**1.5), log_slope)


def bootstrap_curves(rng: np.random.Generator, sums: ChainSums, resamples: int) -> OutputCurves:
    """Curves of resampled chains and networks, each sampled with replacement, [resamples, T].

    A chain is resampled with all its temperatures, which is right for independent chains and for tempering.
    """
    n_members, n_chains = len(sums.output), sums.count.shape[1]
    draws = [
        curves(sums, rng.multinomial(n_chains, np.full(n_chains, 1 / n_chains)).astype(float), members)
        for members in rng.multinomial(n_members, np.full(n_members, 1 / n_members), resamples).astype(float)
    ]
    slopes = [draw.log_slope for draw in draws if draw.log_slope is not None]
    log_slope = np.stack(slopes) if slopes else None
    return OutputCurves(
        np.stack([draw.output for draw in draws]), np.stack([draw.skewness for draw in draws]), log_slope
    )
