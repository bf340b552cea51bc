# SPDX-License-Identifier: Apache-2.0
"""Spectra of large random matrices: the Marchenko-Pastur bulk and the spikes that PCA detects (Baik-Ben Arous-Péché).

Covariance: S = X^T X / n, X of n rows with covariance 1 + ℓ v v^T, γ = p/n.  Wigner: λ v v^T + W, bulk of W = [-2, 2].
Ref: Marchenko & Pastur 1967, doi:10.1070/SM1967v001n04ABEH001994; Baik, Ben Arous & Péché 2005, arXiv:math/0403022;
Benaych-Georges & Nadakuditi 2011, arXiv:0910.2120.
"""

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = [
    "Spike",
    "covariance_spike",
    "marchenko_pastur_density",
    "marchenko_pastur_edges",
    "marchenko_pastur_median",
    "strength_of",
    "wigner_spike",
]


class Spike(NamedTuple):
    """Largest eigenvalue, and squared overlap of its vector with the planted one; overlap 0 if buried in the bulk."""

    eigenvalue: float
    overlap2: float


def marchenko_pastur_edges(gamma: float) -> tuple[float, float]:
    """(1 ∓ √γ)²; for γ > 1 a fraction 1 - 1/γ of the eigenvalues is 0."""
    return (1 - math.sqrt(gamma)) ** 2, (1 + math.sqrt(gamma)) ** 2


def marchenko_pastur_density(x: Float[np.ndarray, " n"], gamma: float) -> Float[np.ndarray, " n"]:
    """√((b - x)(x - a)) / (2π γ x) between the edges a, b; 0 outside.

    Law: its integral is min(1, 1/γ), its mean 1.
    """
    lower, upper = marchenko_pastur_edges(gamma)
    inside = np.clip((upper - x) * (x - lower), 0, None)
    return np.sqrt(inside) / (2 * np.pi * gamma * x)


def covariance_spike(spike: float, gamma: float) -> Spike:
    """For ℓ > √γ the top eigenvalue is (1 + ℓ)(1 + γ/ℓ), overlap² (1 - γ/ℓ²) / (1 + γ/ℓ); else the bulk edge, 0."""
    if spike <= math.sqrt(gamma):
        return Spike(marchenko_pastur_edges(gamma)[1], 0.0)
    return Spike((1 + spike) * (1 + gamma / spike), (1 - gamma / spike**2) / (1 + gamma / spike))


def wigner_spike(strength: float) -> Spike:
    """For λ > 1 the top eigenvalue is λ + 1/λ, overlap² 1 - 1/λ²; otherwise 2, 0."""
    if strength <= 1:
        return Spike(2.0, 0.0)
    return Spike(strength + 1 / strength, 1 - 1 / strength**2)


def strength_of(eigenvalue: float, gamma: float) -> float:
    """The ℓ of (1 + ℓ)(1 + γ/ℓ) = eigenvalue; √γ, the weakest that is seen, for one at the edge or below."""
    b = eigenvalue - 1 - gamma
    return max((b + math.sqrt(max(b * b - 4 * gamma, 0.0))) / 2, math.sqrt(gamma))


@cache
def marchenko_pastur_median(gamma: float) -> float:
    """Of the eigenvalues that are not 0."""
    lower, upper = marchenko_pastur_edges(gamma)
    angle = (np.arange(20_000) + 0.5) * math.pi / 20_000
    x = (upper + lower) / 2 - (upper - lower) / 2 * np.cos(angle)
    below = np.cumsum(marchenko_pastur_density(x, gamma) * np.sin(angle))
    return float(np.interp(0.5, below / below[-1], x))
