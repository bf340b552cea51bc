# SPDX-License-Identifier: Apache-2.0
"""Spikes beyond the edge of white noise: how many, how strong, how near their vectors are to the true directions.

Rows of covariance σ² (1 + Σ_k ℓ_k v_k v_k^T), γ = p/n.  A spike ℓ > √γ moves an eigenvalue to σ² (1 + ℓ)(1 + γ/ℓ), and
the sums over the others from p and p (1 + γ) to

    Σ λ/σ² = p - Σ_k (1 + γ + γ/ℓ_k),
    Σ λ²/σ⁴ = p (1 + γ) + γ (1 + κ) + Σ_k (ℓ_k² + 2 ℓ_k + 2 γ ℓ_k - θ_k²),  θ = (1 + ℓ)(1 + γ/ℓ)

with variance 4 γ² of the second where σ² is from the first; κ: excess kurtosis of the entries.  For columns divided by
their spread γ (1 + κ) becomes -γ.
Ref: Benaych-Georges & Nadakuditi 2011, arXiv:0910.2120; Paul 2007, Statistica Sinica 17, 1617;
Passemier, Li & Yao 2017, doi:10.1111/rssb.12153; Ledoit & Wolf 2002, doi:10.1214/aos/1031689018;
Wang & Yao 2013, doi:10.1214/13-EJS842.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.exact.learning.edge import edge_law, tracy_widom, tracy_widom_quantile
from isinglass.exact.learning.random_matrix import covariance_spike, marchenko_pastur_median, strength_of
from isinglass.inference.spectrum.data_matrix import Eigensystem

__all__ = ["ALARM", "Spikes", "find_spikes"]

ALARM = 1e-3  # an eigenvalue of noise is taken for a spike
ROUNDS = 100
SHIFT = 1e-4  # of ln ℓ, for a derivative


class Spikes(NamedTuple):
    """What is found in a spectrum."""

    noise: float  # σ²
    noise_error: float
    edge: float  # beyond which noise puts an eigenvalue with probability ALARM
    tail: Float[np.ndarray, " k"]  # probability that noise reaches the eigenvalue, of spikes and of the next
    strength: Float[np.ndarray, " spikes"]  # ℓ
    strength_error: Float[np.ndarray, " spikes"]
    overlap2: Float[np.ndarray, " spikes"]  # squared cosine with the true direction
    overlap2_error: Float[np.ndarray, " spikes"]
    bulk: float  # Σ λ²/σ⁴ less what is expected of noise, in standard deviations


def find_spikes(of: Eigensystem, *, standardized: bool = False) -> Spikes:
    """Noise by the median first, then by the sum of what is below the edge, until their number stays."""
    value, n, p = of.eigenvalue, of.freedom, len(of.eigenvalue)
    gamma, (center, scale) = p / n, edge_law(n, p)
    edge = center + scale * tracy_widom_quantile(1 - ALARM)
    noise = float(np.median(value[: min(n, p)])) / marchenko_pastur_median(gamma)
    k = -1
    for _ in range(ROUNDS):
        before, k = k, min(int((value > edge * noise).sum()), min(n, p) // 2)
        noise = noise_level(value, k, gamma, noise)
        if k == before:
            break
    strength = np.array([strength_of(v / noise, gamma) for v in value[:k]])
    spread = (1 + strength) * np.sqrt(2 / n / np.maximum(1 - gamma / strength**2, 1e-12))
    overlap2 = np.array([covariance_spike(ell, gamma).overlap2 for ell in strength])
    slope = [(covariance_spike(ell * np.exp(SHIFT), gamma).overlap2 - o) / (ell * SHIFT)
             for ell, o in zip(strength, overlap2, strict=True)]  # fmt: skip
    mixed = np.minimum(mixing(strength, n), 1.0)
    parts = [np.array(slope) * spread, (1 - overlap2) * sqrt(2 / min(n, p)), sqrt(2) * mixed * overlap2]
    of_overlap = np.minimum(np.sqrt(np.sum(np.square(parts), axis=0)), 1.0)
    tail = np.array([1 - tracy_widom(min((v / noise - center) / scale, 10.0)) for v in value[: k + 1]])
    expected = p * (1 + gamma) + (-gamma if standardized else gamma * (1 + of.excess))
    theta = (1 + strength) * (1 + gamma / strength)
    expected += float(np.sum(strength**2 + 2 * strength * (1 + gamma) - theta**2))
    bulk = (float(np.sum((value[k:] / noise) ** 2)) - expected) / (2 * gamma)
    noise_error = float(noise) * sqrt(max(2 + of.excess, 0.0) / (n * p))
    return Spikes(float(noise), noise_error, edge * noise, np.clip(tail, 0, 1), strength, spread,
                  overlap2 * (1 - mixed), of_overlap, bulk)  # fmt: skip


def mixing(strength: Float[np.ndarray, " k"], n: int) -> Float[np.ndarray, " k"]:
    """Mean squared overlap with the other spikes, Σ_j (1 + ℓ_k)(1 + ℓ_j)/(n (ℓ_k - ℓ_j)²); a square of a normal number.

    Ref: Anderson 1963, doi:10.1214/aoms/1177704248.
    """
    apart = strength[:, None] - strength + np.diag(np.full(len(strength), np.inf))
    return np.sum((1 + strength[:, None]) * (1 + strength) / (n * np.maximum(apart**2, 1e-300)), axis=1)


def noise_level(value: Float[np.ndarray, " p"], k: int, gamma: float, noise: float) -> float:
    """σ² = Σ_{i > k} λ_i/(p - Σ_k (1 + γ + γ/ℓ_k)), to self-consistency in ℓ."""
    for _ in range(ROUNDS):
        taken = sum(1 + gamma + gamma / strength_of(v / noise, gamma) for v in value[:k])
        before, noise = noise, float(value[k:].sum()) / max(len(value) - taken, 1.0)
        if abs(noise - before) < 1e-12 * noise:  # noqa: PLR2004
            break
    return noise
