# SPDX-License-Identifier: Apache-2.0
"""Regression on p random features φ_i(x) = σ(w_i·x) - μ_0 of d inputs, from n examples; d → ∞ at fixed n/d and p/d.

x of length √d and w_i of length 1, uniform in direction; y = x·β + noise of variance σ², |β|² = r²; loss
(1/n) Σ (y - √(d/p) a·φ(x))² + λ |a|².  With z normal, μ_0 = E σ(z), μ_1 = E z σ(z), μ_*² = E σ(z)² - μ_0² - μ_1².
Gaussian equivalence: φ is as μ_1 W x + μ_* z of fresh noise z, so that this is linear regression on features of
covariance (d/p)(μ_1² W W^T + μ_*²), whose spectrum is Marchenko and Pastur's, with what they cannot tell of y as noise.
Ref: Mei & Montanari 2022, arXiv:1908.05355; Gerace et al. 2020, arXiv:2002.09339; Hu & Lu 2020, arXiv:2009.07669.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar

from isinglass.exact.learning.random_matrix import marchenko_pastur_density, marchenko_pastur_edges
from isinglass.exact.regression.kernel_regression import kernel_error

__all__ = ["RELU", "Activation", "FeaturesError", "best_penalty", "features_error"]

NODES = 2000  # of the quadrature over the bulk


class Activation(NamedTuple):
    """Moments of σ(z), z normal."""

    mean: float  # μ_0 = E σ(z)
    linear: float  # μ_1 = E z σ(z)
    rest: float  # μ_*², variance of what is not linear in z


RELU = Activation(1 / math.sqrt(2 * math.pi), 0.5, 0.25 - 1 / (2 * math.pi))


class FeaturesError(NamedTuple):
    """Excess errors of a new y: bias + σ² variance."""

    bias: float  # without noise
    variance: float  # by noise of unit variance


def features_error(
    features: float, examples: float, penalty: float = 0.0, of: Activation = RELU, signal: float = 1.0
) -> FeaturesError:
    """p/d = features, n/d = examples, λ = penalty, r² = signal.

    Law: without penalty both are infinite at p = n, the peak of double descent; for p → ∞ kernel ridge regression.
    """
    shape = 1 / features  # d/p
    lower, upper = marchenko_pastur_edges(shape)
    angle = (np.arange(NODES) + 0.5) * math.pi / NODES
    x = (upper + lower) / 2 - (upper - lower) / 2 * np.cos(angle)  # eigenvalues of (d/p) W^T W
    weight = marchenko_pastur_density(x, shape) * (upper - lower) / 2 * np.sin(angle) * math.pi / NODES
    weight *= min(1.0, features) / weight.sum()
    s = of.linear**2 * x + of.rest * shape
    told = signal * of.linear**2 * x / s  # of y by each mode
    left = signal - float(np.sum(weight * told))  # of y by none
    if features > 1:  # features that are noise alone
        s, told, weight = (np.append(a, b) for a, b in ((s, of.rest * shape), (told, 0.0), (weight, features - 1)))
    found = kernel_error(s, told, examples, left, penalty, weight)
    return FeaturesError(found.error, found.gamma / (1 - found.gamma) if found.gamma < 1 else math.inf)


def best_penalty(
    features: float, examples: float, noise: float, of: Activation = RELU, signal: float = 1.0
) -> tuple[float, float]:
    """λ of least excess error, and that error."""

    def excess(log_penalty: float) -> float:
        found = features_error(features, examples, math.exp(log_penalty), of, signal)
        return found.bias + noise * found.variance

    best = minimize_scalar(excess, bounds=(-12.0, 3.0), method="bounded", options={"xatol": 1e-6})
    return math.exp(best.x), float(best.fun)  # pyright: ignore[reportAttributeAccessIssue]
