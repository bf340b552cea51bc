# SPDX-License-Identifier: Apache-2.0
"""The neural tangent kernel of infinitely wide networks, by recursion over layers.

h_1 = W_1 x/√d, h_l+1 = W_l+1 φ(h_l)/√n, f = h_L+1 of one unit; all W standard normal, widths n → ∞; φ = erf or √2 relu.
Σ_1 = x·x'/d, Σ_l+1 = <φ(u) φ(v)>, Θ_1 = Σ_1, Θ_l+1 = Σ_l+1 + <φ'(u) φ'(v)> Θ_l, u and v normal of covariance Σ_l.
Ref: Jacot, Gabriel & Hongler 2018, arXiv:1806.07572; Lee et al. 2019, arXiv:1902.06720; Williams 1997,
doi:10.1162/neco.1998.10.5.1203 (erf); Cho & Saul 2009 (relu).
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["WideKernels", "tangent_kernel", "trained_mean"]


class WideKernels(NamedTuple):
    """Of the outputs."""

    covariance: Float[np.ndarray, "n m"]  # Σ, over first weights: that of a Gaussian process
    tangent: Float[np.ndarray, "n m"]  # Θ = <∇f(x)·∇f(x')>


def averages(
    activation: str, a: Float[np.ndarray, "n m"], b: Float[np.ndarray, "n m"], c: Float[np.ndarray, "n m"]
) -> tuple[Float[np.ndarray, "n m"], Float[np.ndarray, "n m"]]:
    """<φ(u) φ(v)> and <φ'(u) φ'(v)>, a = <u²>, b = <v²>, c = <u v>."""
    if activation == "erf":
        scale = (1 + 2 * a) * (1 + 2 * b)
        return 2 / np.pi * np.arcsin(2 * c / np.sqrt(scale)), 4 / np.pi / np.sqrt(scale - 4 * c * c)
    angle = np.arccos(np.clip(c / np.sqrt(a * b), -1, 1))
    slope = (np.pi - angle) / np.pi
    return np.sqrt(a * b) * (np.sin(angle) / np.pi + slope * np.cos(angle)), slope


def tangent_kernel(
    x: Float[np.ndarray, "n d"],
    other: Float[np.ndarray, "m d"],
    hidden: int,
    activation: Literal["erf", "relu"] = "erf",
) -> WideKernels:
    """For `hidden` layers.  Law: positive; for relu Θ(x, x) = (hidden + 1) |x|²/d."""
    d = x.shape[1]
    a, b = (np.sum(w * w, axis=1) / d for w in (x, other))
    covariance = tangent = x @ other.T / d
    for _ in range(hidden):
        row, column = np.broadcast_arrays(a[:, None], b[None])
        covariance, slope = averages(activation, row, column, covariance)
        tangent = covariance + slope * tangent
        a, b = (averages(activation, w[None], w[None], w[None])[0][0] for w in (a, b))
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
