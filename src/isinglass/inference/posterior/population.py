# SPDX-License-Identifier: Apache-2.0
"""Population Monte Carlo: each population simulates at parameters of the one before, moved by a normal kernel.

u' = u_j + N(0, 2 C), j with probability w_j and C the weighted covariance; of those that are simulated the nearest to
the observation are kept, with weights w' = p(u')/Σ_j w_j N(u'; u_j, 2 C): draws of p(u given |z - z_o| <= ε).
Beaumont, Cornuet, Marin and Robert 2009, arXiv:0805.2256; Toni et al. 2009, doi:10.1098/rsif.2008.0172.  ε is a
quantile of what was simulated, so that every population ends: Lenormand, Jabot and Deffuant 2013, arXiv:1111.1308.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.special import logsumexp

__all__ = ["WeightedPopulation", "log_proposal", "normalized", "propose", "resampled", "thinned"]

CHUNK = 500


class WeightedPopulation(NamedTuple):
    """Free parameters within ε of the observation, with weights of sum 1."""

    u: Float[np.ndarray, "k d"]
    z: Float[np.ndarray, "k m"]
    distance: Float[np.ndarray, " k"]
    weight: Float[np.ndarray, " k"]
    epsilon: float

    @property
    def effective_size(self) -> float:
        """1/Σ w²; 0 of none."""
        square = float(np.sum(self.weight**2))
        return 1 / square if square else 0.0

    def within(self, inside: Bool[np.ndarray, " k"]) -> "WeightedPopulation":
        """Some of them, with weights of sum 1."""
        weight = self.weight[inside]
        return WeightedPopulation(self.u[inside], self.z[inside], self.distance[inside],
                                  weight / max(weight.sum(), 1e-300), self.epsilon)  # fmt: skip

    @property
    def factor(self) -> Float[np.ndarray, "d d"]:
        """L, L Lᵀ = 2 C, the covariance of the kernel."""
        off = self.u - self.weight @ self.u
        C = (self.weight[:, None] * off).T @ off
        return np.linalg.cholesky(2 * C + 1e-12 * np.diag(np.diag(C) + 1e-30))


def propose(rng: np.random.Generator, before: WeightedPopulation, n: int) -> Float[np.ndarray, "n d"]:
    """n draws of Σ_j w_j N(u_j, 2 C)."""
    chosen = rng.choice(len(before.u), n, p=before.weight)
    return before.u[chosen] + rng.normal(size=(n, before.u.shape[1])) @ before.factor.T


def log_proposal(before: WeightedPopulation, u: Float[np.ndarray, "n d"]) -> Float[np.ndarray, " n"]:
    """ln Σ_j w_j N(u; u_j, 2 C).  Law: its integral over u is 1."""
    L, d = before.factor, u.shape[1]
    y, centers = (np.linalg.solve(L, a.T).T for a in (u, before.u))
    ends = range(0, len(u), CHUNK)
    square = lambda part: ((part[:, None] - centers[None]) ** 2).sum(axis=2)  # noqa: E731
    parts = [logsumexp(-0.5 * square(y[i : i + CHUNK]), b=before.weight, axis=1) for i in ends]
    return np.concatenate(parts) - np.log(np.diag(L)).sum() - 0.5 * d * np.log(2 * np.pi)


def normalized(log_weight: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """Weights of sum 1."""
    return np.exp(log_weight - logsumexp(log_weight))


def resampled(rng: np.random.Generator, weight: Float[np.ndarray, " k"], n: int) -> Int[np.ndarray, " n"]:
    """n numbers by systematic resampling: w_i n of number i, rounded up or down."""
    places = (rng.random() + np.arange(n)) / n
    return np.minimum(np.searchsorted(np.cumsum(weight), places), len(weight) - 1)


def thinned(rng: np.random.Generator, weight: Float[np.ndarray, " k"]) -> Int[np.ndarray, " n"]:
    """Numbers kept with probability w/max w: none twice, and of one weight."""
    return np.flatnonzero(rng.random(len(weight)) * weight.max() < weight)
