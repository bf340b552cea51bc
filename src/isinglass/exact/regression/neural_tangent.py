# SPDX-License-Identifier: Apache-2.0
"""The neural tangent kernel of infinitely wide networks of ReLU, by recursion over layers.

h_1 = W_1 x/√d, h_l+1 = √(2/n) W_l+1 relu(h_l), f = h_L+1 of one unit; all W standard normal, widths n → ∞.
Σ_1 = x·x'/d, Σ_l+1 = √(Σ_l(x,x) Σ_l(x',x')) κ_1(ρ), Θ_1 = Σ_1, Θ_l+1 = Σ_l+1 + κ_0(ρ) Θ_l, where ρ = cos φ is the
correlation of Σ_l, κ_0 = (π - φ)/π, κ_1 = [sin φ + (π - φ) cos φ]/π.
Ref: Jacot, Gabriel & Hongler 2018, arXiv:1806.07572; Lee et al. 2019, arXiv:1902.06720.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["WideKernels", "tangent_kernel", "trained_mean"]


class WideKernels(NamedTuple):
    """Of the outputs."""

    covariance: Float[np.ndarray, "n m"]  # Σ, over first weights: that of a Gaussian process
    tangent: Float[np.ndarray, "n m"]  # Θ = <∇f(x)·∇f(x')>


def tangent_kernel(x: Float[np.ndarray, "n d"], other: Float[np.ndarray, "m d"], hidden: int) -> WideKernels:
    """For `hidden` layers of ReLU.  Law: positive; Θ(x, x) = (hidden + 1) |x|²/d."""
    d = x.shape[1]
    length, length_other = (np.sum(a * a, axis=1) / d for a in (x, other))
    scale = np.sqrt(np.outer(length, length_other))  # Σ(x, x) is the same in all layers
    covariance = tangent = x @ other.T / d
    for _ in range(hidden):
        angle = np.arccos(np.clip(covariance / scale, -1, 1))
        covariance = scale * (np.sin(angle) + (np.pi - angle) * np.cos(angle)) / np.pi
        tangent = covariance + tangent * (np.pi - angle) / np.pi
    return WideKernels(covariance, tangent)


def trained_mean(
    kernel: Float[np.ndarray, "m n"],
    train: Float[np.ndarray, "n n"],
    y: Float[np.ndarray, " n"],
    rate: float,
    steps: int,
) -> Float[np.ndarray, " m"]:
    """Θ(x, X) Θ^-1 [1 - (1 - η Θ)^t] y: the mean output after t steps of descent on ½ |f - y|², kernel = Θ(x, X).

    Law: kernel regression without ridge for many steps; 0 at the start.
    """
    s, U = np.linalg.eigh(train)
    return kernel @ (U @ ((1 - (1 - rate * s) ** steps) / s * (U.T @ y)))
