# SPDX-License-Identifier: Apache-2.0
"""Entropies, divergences and the error of the best classifier, in closed form.  Natural logarithms (nats).

Textbook: Cover & Thomas, Elements of Information Theory, ch. 8; Neyman & Pearson 1933, doi:10.1098/rsta.1933.0009.
"""

import numpy as np
from jaxtyping import Float
from scipy.integrate import quad
from scipy.special import ndtr, rel_entr
from scipy.stats import norm, poisson

__all__ = [
    "bayes_accuracy_of_gaussians",
    "gaussian_entropy",
    "gaussian_kl",
    "jensen_shannon",
    "poisson_auc",
    "two_gaussian_error",
]


def gaussian_entropy(covariance: Float[np.ndarray, "d d"]) -> float:
    """H = ½ ln det(2πe Σ)."""
    d = len(covariance)
    return float(d * np.log(2 * np.pi * np.e) + np.linalg.slogdet(covariance)[1]) / 2


def gaussian_kl(
    mean_p: Float[np.ndarray, " d"],
    covariance_p: Float[np.ndarray, "d d"],
    mean_q: Float[np.ndarray, " d"],
    covariance_q: Float[np.ndarray, "d d"],
) -> float:
    """KL(p‖q) = ½ [tr(Σ_q^-1 Σ_p) + δ^T Σ_q^-1 δ - d + ln det Σ_q - ln det Σ_p], δ = μ_q - μ_p.

    Law: >= 0, = 0 only for p = q.
    """
    delta = mean_q - mean_p
    trace = np.trace(np.linalg.solve(covariance_q, covariance_p))
    distance = delta @ np.linalg.solve(covariance_q, delta)
    log_det = np.linalg.slogdet(covariance_q)[1] - np.linalg.slogdet(covariance_p)[1]
    return float(trace + distance - len(delta) + log_det) / 2


def jensen_shannon(p: Float[np.ndarray, " n"], q: Float[np.ndarray, " n"]) -> float:
    """JS(p, q) = ½ KL(p‖m) + ½ KL(q‖m), m = (p + q)/2.

    Law: 0 <= JS <= ln 2.  A GAN with the best discriminator has the value 2 JS - 2 ln 2 (Goodfellow 2014,
    arXiv:1406.2661).
    """
    m = (p + q) / 2
    return float(rel_entr(p, m).sum() + rel_entr(q, m).sum()) / 2


def two_gaussian_error(separation: float) -> float:
    """Bayes error Φ(-Δ/2) of two unit Gaussians a distance Δ apart, equal priors."""
    return float(ndtr(-separation / 2))


def bayes_accuracy_of_gaussians(K: int, separation: float) -> float:
    """Bayes accuracy of K unit Gaussians, all a distance Δ from each other: ∫ φ(x - Δ/√2) Φ(x)^(K-1) dx.

    Law: Φ(Δ/2) for K = 2; 1/K at Δ = 0.
    """
    shift = separation / np.sqrt(2)
    return float(quad(lambda x: norm.pdf(x - shift) * ndtr(x) ** (K - 1), shift - 12, shift + 12, epsabs=1e-13)[0])


def poisson_auc(signal: float, background: float) -> float:
    """Area under the best ROC of one Poisson count, P(s > b) + ½ P(s = b).

    The count is monotone in the likelihood ratio, hence the best score.
    Law: AUC(a, b) + AUC(b, a) = 1; ½ for equal means.
    """
    largest = max(signal, background)
    k = np.arange(int(largest + 40 * np.sqrt(largest) + 60))
    p_signal, p_background = poisson.pmf(k, signal), poisson.pmf(k, background)
    below = np.concatenate([[0.0], np.cumsum(p_background)[:-1]])
    return float(p_signal @ (below + p_background / 2))
