# SPDX-License-Identifier: Apache-2.0
"""Kernel regression without ridge, by the spectrum of the kernel: the error of P examples, and its scaling law.

Target f = Σ_k w_k √λ_k φ_k(x), features √λ_k φ_k with E[φ_k φ_l] = δ_kl, examples y = f(x) + noise of variance σ², the
smallest interpolating w.  With κ from P = Σ_k λ_k/(λ_k + κ) and γ = (1/P) Σ_k λ_k²/(λ_k + κ)²,
error of a new y: E = [Σ_k w_k² λ_k κ²/(λ_k + κ)² + σ²]/(1 - γ).
Law: for λ_k = k^-a and w_k² λ_k = k^-b, γ → 1 - 1/a and E → a σ² + A P^-(b-1) for 1 < b < 2a + 1.
Ref: Bordelon, Canatar & Pehlevan 2020, arXiv:2002.02561; Simon et al. 2023, arXiv:2110.03922; Mallinar et al. 2022,
arXiv:2207.06569 (the floor a σ²).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

__all__ = ["KernelError", "kernel_error", "power_spectrum"]


class KernelError(NamedTuple):
    """At one number of examples."""

    error: float  # of a new y, noise included
    kappa: float  # effective ridge
    gamma: float  # share of the examples that fit noise


def power_spectrum(modes: int, exponent: float) -> Float[np.ndarray, " modes"]:
    """k^-exponent, k = 1, 2, ..."""
    return np.arange(1, modes + 1.0) ** -exponent


def kernel_error(
    eigenvalue: Float[np.ndarray, " modes"], target: Float[np.ndarray, " modes"], examples: int, noise: float = 0.0
) -> KernelError:
    """Eigenvalues λ_k, target w_k² λ_k, fewer examples P than modes, σ² = noise.  Law: falls with P where σ² = 0."""

    def excess(log_kappa: float) -> float:
        return float(np.sum(eigenvalue / (eigenvalue + np.exp(log_kappa)))) - examples

    top = np.log(eigenvalue.sum() / examples)  # where the sum is below P
    kappa = float(np.exp(brentq(excess, top - 60.0, top)))  # pyright: ignore[reportArgumentType]
    learned = eigenvalue / (eigenvalue + kappa)
    gamma = float(np.sum(learned**2)) / examples
    return KernelError((float(np.sum(target * (1 - learned) ** 2)) + noise) / (1 - gamma), kappa, gamma)
