# SPDX-License-Identifier: Apache-2.0
"""Linear learning solved: y = x·w + noise of variance σ², n samples, p features, γ = p/n.

Ridge convention, everywhere: loss (1/n) |y - X w|² + λ |w|², solution w = (S + λ)^-1 X^T y / n with S = X^T X / n.
Risks are excess risks E |w - w_true|² for features of unit covariance, unless said otherwise.
Asymptotic: n, p → ∞ at fixed γ, |w_true|² = r².
Ref: Dobriban & Wager 2018, arXiv:1507.03003; Hastie, Montanari, Rosset & Tibshirani 2022, arXiv:1903.08560.
"""

import math

import numpy as np
from jaxtyping import Float

__all__ = [
    "dropout_penalty",
    "early_stopping_shrinkage",
    "least_squares_risks",
    "min_norm_risk",
    "ridge_bias_variance",
    "ridge_optimum",
    "ridge_risk",
    "separable_probability",
    "weak_features_error",
]


def ridge_risk(penalty: float, gamma: float, noise: float, signal: float = 1.0) -> float:
    """Asymptotic ridge risk R(λ) = r² λ² m' + σ² γ (m - λ m'), noise = σ², signal = r².

    m = m(-λ) is the Stieltjes transform of the Marchenko-Pastur law, γλ m² + (1 - γ + λ) m = 1, and m' = -dm/dλ.
    Law: smallest at λ* = γ σ² / r².
    """
    a = 1 - gamma + penalty
    root = math.sqrt(a * a + 4 * gamma * penalty)
    m = 2 / (a + root) if a > 0 else (root - a) / (2 * gamma * penalty)  # the form without cancellation
    derivative = m * (1 + gamma * m) / root
    return signal * penalty**2 * derivative + noise * gamma * (m - penalty * derivative)


def ridge_optimum(gamma: float, noise: float, signal: float = 1.0) -> float:
    """Best ridge penalty λ* = γ σ² / r²: the Gaussian prior of variance r²/p (in the 1/n convention)."""
    return gamma * noise / signal


def min_norm_risk(gamma: float, noise: float, signal: float = 1.0) -> float:
    """R(λ → 0) = σ² γ / (1 - γ) for γ < 1, r² (1 - 1/γ) + σ² / (γ - 1) for γ > 1.

    Law: inf at γ = 1, the peak of double descent.
    """
    if gamma == 1:
        return math.inf
    if gamma < 1:
        return noise * gamma / (1 - gamma)
    return signal * (1 - 1 / gamma) + noise / (gamma - 1)


def ridge_bias_variance(
    X: Float[np.ndarray, "n p"], w: Float[np.ndarray, " p"], penalty: float, noise: float
) -> tuple[float, float]:
    """Bias² = λ² |(S + λ)^-1 w|² and variance = (σ²/n) tr[(S + λ)^-2 S] of ridge regression at fixed X.

    Law: their sum is the risk E |w_ridge - w|² over the noise.
    """
    n = len(X)
    eigenvalue, vector = np.linalg.eigh(X.T @ X / n)
    component = vector.T @ w
    bias2 = float(np.sum((penalty * component / (eigenvalue + penalty)) ** 2))
    return bias2, float(noise / n * np.sum(eigenvalue / (eigenvalue + penalty) ** 2))


def least_squares_risks(n: int, p: int, noise: float) -> tuple[float, float]:
    """Mean squared error of least squares, train σ² (1 - p/n) and test σ² (1 + p/(n - p - 1)), noise included.

    Law: exact for Gaussian features at every n > p + 1; train < σ² < test.
    """
    if n <= p + 1:
        raise ValueError(f"least_squares_risks needs n > p + 1, got n = {n}, p = {p}")
    return noise * (1 - p / n), noise * (1 + p / (n - p - 1))


def early_stopping_shrinkage(eigenvalue: Float[np.ndarray, " p"], rate: float, steps: int) -> Float[np.ndarray, " p"]:
    """1 - (1 - ηs)^t, the part of each component learned after t steps w ← w - η (S w - X^T y / n) from w = 0.

    s are the eigenvalues of S.  Law: in [0, 1] for η s <= 1; ridge has s / (s + λ), so that λ ~ 1/(η t).
    """
    return 1 - (1 - rate * eigenvalue) ** steps


def dropout_penalty(X: Float[np.ndarray, "n p"], rate: float) -> Float[np.ndarray, " p"]:
    """Input dropout of least squares is, in expectation, the penalty Σ_j c_j w_j², c_j = [p/(1-p)] (X^T X)_jj / n.

    Inputs kept with probability 1 - p and scaled by 1/(1 - p); loss (1/n) |y - X w|².
    Ref: Srivastava et al. 2014, JMLR 15, 1929, sec. 9.1.
    """
    return rate / (1 - rate) * (X**2).mean(axis=0)


def separable_probability(points: int, dimension: int) -> float:
    """P(separable) = 2^(1-P) Σ_{k<N} C(P-1, k), random labels on P points in general position in R^N, plane through 0.

    Law: 1 for P <= N, ½ at P = 2N.  Ref: Cover 1965, doi:10.1109/PGEC.1965.264137.
    """
    count = sum(math.comb(points - 1, k) for k in range(min(dimension, points)))
    return count / 2 ** (points - 1)


def weak_features_error(n: int, p: int, seen: float, unseen: float, noise: float) -> float:
    """Error of a new y by the shortest least squares on p of more inputs: seen = |w|² of these, unseen of the others.

    (unseen + σ²)(1 + p/(n - p - 1)) for p < n - 1, seen (1 - n/p) + (unseen + σ²)(1 + n/(p - n - 1)) for p > n + 1.
    Law: exact for normal inputs at every n; infinite between.  Ref: Belkin, Hsu & Xu 2020, arXiv:1903.07571.
    """
    if abs(n - p) <= 1:
        return math.inf
    if p < n:
        return (unseen + noise) * (1 + p / (n - p - 1))
    return seen * (1 - n / p) + (unseen + noise) * (1 + n / (p - n - 1))
