# SPDX-License-Identifier: Apache-2.0
"""Divergences of two densities by quadrature, and what the discriminator of an adversarial pair can reach.

Densities are given at nodes, with the weight of each node, so that ∫ f = Σ_i weight_i f_i.  Natural logarithms.
Refs: Goodfellow et al. 2014, arXiv:1406.2661; Gulrajani et al. 2017, arXiv:1704.00028; Milne and Nachman 2021,
arXiv:2109.00528.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["PenalizedCritic", "best_value", "interpolated_density", "jensen_shannon", "kullback_leibler",
           "masses_of_map", "penalized_critic", "wasserstein"]  # fmt: skip

DensityAtNodes = Float[np.ndarray, "*n"]


class PenalizedCritic(NamedTuple):
    """The best critic f in one dimension under a penalty of its slope."""

    objective: float  # <f>_p - <f>_q - λ <(|f'| - 1)²>
    gap: float  # <f>_p - <f>_q
    slope: Float[np.ndarray, " n"]  # f'(x)


def kullback_leibler(p: DensityAtNodes, q: DensityAtNodes, weight: DensityAtNodes | float) -> float:
    """KL(p | q) = ∫ p ln(p/q); where p = 0 nothing."""
    ratio = np.log(np.where(p > 0, p, 1.0)) - np.log(np.where(p > 0, np.maximum(q, 1e-300), 1.0))
    return float((weight * p * ratio).sum())


def jensen_shannon(p: DensityAtNodes, q: DensityAtNodes, weight: DensityAtNodes | float) -> float:
    """JSD = ½ KL(p | m) + ½ KL(q | m), m = (p + q)/2.  Law: 0 for p = q, at most ln 2."""
    m = (p + q) / 2
    return (kullback_leibler(p, m, weight) + kullback_leibler(q, m, weight)) / 2


def best_value(p: DensityAtNodes, q: DensityAtNodes, weight: DensityAtNodes | float) -> float:
    """V(D*) = <ln D*>_p + <ln(1 - D*)>_q = 2 JSD - 2 ln 2, the largest of any D.  Law: -2 ln 2 at p = q."""
    return 2 * jensen_shannon(p, q, weight) - 2 * float(np.log(2))


def wasserstein(p: Float[np.ndarray, " n"], q: Float[np.ndarray, " n"], x: Float[np.ndarray, " n"]) -> float:
    """W_1 = ∫ |F_p - F_q| dx in one dimension, at equally spaced nodes."""
    step = x[1] - x[0]
    return float(np.abs(np.cumsum(p - q) * step).sum() * step)


def interpolated_density(
    p: Float[np.ndarray, " n"], q: Float[np.ndarray, " n"], x: Float[np.ndarray, " n"], nodes: int = 100
) -> Float[np.ndarray, " n"]:
    """r of x̂ = u a + (1 - u) b, a ~ p, b ~ q, u uniform: where the slope of the critic is penalized.

    r(y) = ∫du ∫da p(a) q((y - u a)/(1 - u))/(1 - u), p and q exchanged for u > ½; midpoints in u.
    """
    step, r = x[1] - x[0], np.zeros(len(x))
    for a, b in ((p, q), (q, p)):
        some = np.flatnonzero(a > 1e-12 * a.max())
        some = some[:: max(1, len(some) // nodes)]
        mass = a[some] / a[some].sum()
        for u in (np.arange(nodes) + 0.5) / (2 * nodes):
            at = (x[:, None] - u * x[some]) / (1 - u)
            r += np.interp(at, x, b, left=0.0, right=0.0) @ mass / (1 - u) / (2 * nodes)
    return r / (r.sum() * step)


def penalized_critic(
    p: Float[np.ndarray, " n"], q: Float[np.ndarray, " n"], x: Float[np.ndarray, " n"], penalty: float
) -> PenalizedCritic:
    """Maximum over f of <f>_p - <f>_q - λ ∫ r (|f'| - 1)², point by point in f'.

    With g = F_q - F_p, <f>_p - <f>_q = ∫ g f', hence f' = sign(g)(1 + |g|/2λr), the gap W_1 + ∫ g²/2λr and the
    objective W_1 + ∫ g²/4λr: the cost of congested transport.  Law: → W_1 for λ → ∞.
    """
    step = x[1] - x[0]
    g = np.cumsum(q - p) * step
    crowd = 2 * penalty * interpolated_density(p, q, x)
    seen = crowd > 1e-12 * crowd.max()
    excess = np.where(seen, np.abs(g) / np.where(seen, crowd, 1.0), 0.0)
    W = float(np.abs(g).sum() * step)
    more = float((np.abs(g) * excess).sum() * step)
    return PenalizedCritic(W + more / 2, W + more, np.sign(g) * (1 + excess))


def masses_of_map(
    x: Float[np.ndarray, " n"], mass: Float[np.ndarray, " m"], edges: Float[np.ndarray, " k"]
) -> Float[np.ndarray, " j"]:
    """Probability in each bin of x(z), x given at the n = m + 1 ends of cells of probability `mass` in z.

    Linear in each cell, exactly spread over the bins that it crosses; what falls outside the edges is left out.
    """
    low, high = np.minimum(x[1:], x[:-1]), np.maximum(x[1:], x[:-1])
    width = np.maximum(high - low, 1e-12 * (edges[-1] - edges[0]))
    below = np.array([(mass * np.clip((e - low) / width, 0.0, 1.0)).sum() for e in edges])
    return np.diff(below)
