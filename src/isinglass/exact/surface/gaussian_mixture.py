# SPDX-License-Identifier: Apache-2.0
"""Gaussian mixtures, p(x) = Σ_k w_k N(x; μ_k, diag σ_k²): density, score, moments, also after diffusion.

Ref: Bishop 2006, Pattern Recognition and Machine Learning, ch. 2.3.9; diffusion: Song et al. 2021, arXiv:2011.13456.
"""

import numpy as np
from jaxtyping import Float

__all__ = ["covariance", "diffused", "lost_mode_divergence", "log_density", "mean", "score"]

Weights = Float[np.ndarray, " K"]
Table = Float[np.ndarray, "K d"]


def log_parts(x: Float[np.ndarray, "n d"], w: Weights, mu: Table, sigma: Table) -> Float[np.ndarray, "n K"]:
    """ln w_k N(x; μ_k, σ_k²)."""
    z = (x[:, None] - mu) / sigma
    return np.log(w) - 0.5 * np.sum(z * z, -1) - np.sum(np.log(sigma), -1) - 0.5 * mu.shape[1] * np.log(2 * np.pi)


def log_density(x: Float[np.ndarray, "n d"], w: Weights, mu: Table, sigma: Table) -> Float[np.ndarray, " n"]:
    """ln p(x).  Law: ∫ p = 1."""
    return np.logaddexp.reduce(log_parts(x, w, mu, sigma), axis=1)


def score(x: Float[np.ndarray, "n d"], w: Weights, mu: Table, sigma: Table) -> Float[np.ndarray, "n d"]:
    """∇ ln p = Σ_k r_k(x) (μ_k - x) / σ_k², r_k the posterior of the component.  Law: <∇ ln p> = 0."""
    parts = log_parts(x, w, mu, sigma)
    r = np.exp(parts - np.logaddexp.reduce(parts, axis=1, keepdims=True))
    return np.einsum("nk,nkd->nd", r, (mu - x[:, None]) / sigma**2)


def mean(w: Weights, mu: Table) -> Float[np.ndarray, " d"]:
    """<x> = Σ_k w_k μ_k."""
    return w @ mu


def covariance(w: Weights, mu: Table, sigma: Table) -> Float[np.ndarray, "d d"]:
    """<x xᵀ> - <x> <x>ᵀ = Σ_k w_k (diag σ_k² + μ_k μ_kᵀ) - <x> <x>ᵀ."""
    return np.diag(w @ sigma**2) + np.einsum("k,ki,kj->ij", w, mu, mu) - np.outer(mean(w, mu), mean(w, mu))


def diffused(w: Weights, mu: Table, sigma: Table, alpha_bar: float) -> tuple[Weights, Table, Table]:
    """The distribution of √ᾱ x + √(1-ᾱ) z, z standard normal: the same weights, √ᾱ μ_k, variances ᾱ σ_k² + 1 - ᾱ."""
    return w, np.sqrt(alpha_bar) * mu, np.sqrt(alpha_bar * sigma**2 + 1 - alpha_bar)


def lost_mode_divergence(kept: float) -> float:
    """KL(q | p) = -ln w of the q that keeps, exactly, modes of total weight w and loses far-away others.

    That is the whole cost of a lost mode in reverse KL, while the forward KL(p | q) is infinite.
    """
    return float(-np.log(kept))
