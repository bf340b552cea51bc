# SPDX-License-Identifier: Apache-2.0
"""Descent on a quadratic L = ½ Σ_i λ_i w_i²: what converges, how fast, and where noise keeps it.

Gradient descent w ← w - η g; heavy ball v ← β v - η g, w ← w + v; g = λ w + noise of variance σ².
Ref: Polyak 1964, doi:10.1016/0041-5553(64)90137-5; Mandt, Hoffman & Blei 2017, arXiv:1704.04289.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = [
    "Descent",
    "best_descent",
    "best_heavy_ball",
    "contraction",
    "largest_rate",
    "minibatch_covariance",
    "stationary_variance",
]


class Descent(NamedTuple):
    """The knobs, and by what the distance from the minimum shrinks in a step, in the long run."""

    rate: float  # η
    momentum: float  # β
    contraction: float  # below 1: it converges


def contraction(eigenvalue: Float[np.ndarray, " p"], rate: float, momentum: float = 0.0) -> float:
    """Largest |z| of z² - (1 + β - η λ) z + β = 0 over all λ; max |1 - η λ| for β = 0.

    Law: below 1 if and only if 0 < η λ < 2 (1 + β) for all λ.
    """
    half = (1 + momentum - rate * np.asarray(eigenvalue)) / 2
    return float(np.abs(np.abs(half) + np.emath.sqrt(half**2 - momentum)).max())


def largest_rate(top: float, momentum: float = 0.0) -> float:
    """η = 2 (1 + β)/λ_max, from which on it diverges."""
    return 2 * (1 + momentum) / top


def best_descent(low: float, top: float) -> Descent:
    """η = 2/(λ_min + λ_max), contraction (κ - 1)/(κ + 1), κ = λ_max/λ_min."""
    return Descent(2 / (low + top), 0.0, (top - low) / (top + low))


def best_heavy_ball(low: float, top: float) -> Descent:
    """η = 4/(√λ_min + √λ_max)², β = q², contraction q = (√κ - 1)/(√κ + 1)."""
    a, b = math.sqrt(low), math.sqrt(top)
    q = (b - a) / (b + a)
    return Descent(4 / (a + b) ** 2, q * q, q)


def stationary_variance(eigenvalue: float, rate: float, noise: float, momentum: float = 0.0) -> float:
    """<w²> = η σ² (1 + β) / (λ (1 - β) (2 (1 + β) - η λ)); for β = 0 η σ²/(λ (2 - η λ)).

    Law: for small η a temperature T = λ <w²> = η σ²/(2 (1 - β)), the same for all λ: equipartition.
    """
    return rate * noise * (1 + momentum) / (eigenvalue * (1 - momentum) * (2 * (1 + momentum) - rate * eigenvalue))


def minibatch_covariance(
    X: Float[np.ndarray, "n p"], y: Float[np.ndarray, " n"], rate: float, batch: int
) -> Float[np.ndarray, "p p"]:
    """Stationary covariance C of w ← w - η (1/B) Σ_b x_b (x_b·w - y_b), rows b drawn with replacement; loss ½ mean r².

    C = (1 - η S) C (1 - η S) + (η²/B) [<x x^T C x x^T> - S C S + <r² x x^T>], S = <x x^T>, r the residuals at the
    minimum: exact, as the noise of the gradient depends on w.  Law: C → η <r² x x^T>/(2 B) S^-1 for small η and S ∝ 1.
    """
    n, p = X.shape
    S = X.T @ X / n
    residual = y - X @ np.linalg.solve(S, X.T @ y / n)
    outer = np.einsum("ni,nj->nij", X, X).reshape(n, p * p)
    fourth = np.einsum("nij,nkl->ikjl", *2 * [outer.reshape(n, p, p)]).reshape(p * p, p * p) / n  # C → <x x^T C x x^T>
    step = np.eye(p) - rate * S
    action = np.kron(step, step) + rate**2 / batch * (fourth - np.kron(S, S))
    source = rate**2 / batch * (residual**2 @ outer) / n
    return np.linalg.solve(np.eye(p * p) - action, source).reshape(p, p)
