# SPDX-License-Identifier: Apache-2.0
"""Ridge regression by the spectrum of its features: the error of P examples, and its scaling law.

Target f = Σ_k w_k √λ_k φ_k(x), features √λ_k φ_k with E[φ_k φ_l] = δ_kl, examples y = f(x) + noise of variance σ²,
w of the smallest (1/P) Σ (y - f)² + δ |w|².  With the effective ridge κ from κ = δ + (κ/P) Σ_k λ_k/(λ_k + κ) and
γ = (1/P) Σ_k λ_k²/(λ_k + κ)², the error of a new y is E = [Σ_k w_k² λ_k κ²/(λ_k + κ)² + σ²]/(1 - γ).
Law: for λ_k = k^-a, w_k² λ_k = k^-b and δ = 0, γ → 1 - 1/a and E → a σ² + A P^-min(b - 1, 2a).
Ref: Bordelon, Canatar & Pehlevan 2020, arXiv:2002.02561; Simon et al. 2023, arXiv:2110.03922; Mallinar et al. 2022,
arXiv:2207.06569 (the floor a σ²); Hastie et al. 2022, arXiv:1903.08560 (linear regression of any covariance); Cui et
al. 2021, arXiv:2105.15004 (exponents with noise).
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq, minimize_scalar

__all__ = ["KernelError", "best_ridge", "exponents", "kernel_error", "mode_blocks", "power_spectrum"]


class KernelError(NamedTuple):
    """At one number of examples."""

    error: float  # of a new y, noise included: bias + variance + σ²
    kappa: float  # effective ridge
    gamma: float  # share of the examples that fit noise
    bias: float  # excess error without noise, Σ_k w_k² λ_k κ²/(λ_k + κ)²/(1 - γ); the mean fit has 1 - γ of it
    variance: float  # excess error by the noise, σ² γ/(1 - γ)


def power_spectrum(modes: int, exponent: float) -> Float[np.ndarray, " modes"]:
    """k^-exponent, k = 1, 2, ..."""
    return np.arange(1, modes + 1.0) ** -exponent


def mode_blocks(modes: float, alone: int = 1000) -> tuple[Float[np.ndarray, " blocks"], Float[np.ndarray, " blocks"]]:
    """k and how many modes it stands for: each of the first, then blocks of 1 % of k, for sums over very many modes.

    Law: sums of k^-a, a from 1 to 3, are off by less than 1e-4 of themselves.
    """
    edge = np.unique(np.round(np.geomspace(alone + 1, modes + 1, int(100 * np.log(modes / alone)) + 2)))
    far, width = (edge[1:] + edge[:-1] - 1) / 2, np.diff(edge)
    return np.append(np.arange(1, alone + 1.0), far), np.append(np.ones(alone), width)


def effective_ridge(
    eigenvalue: Float[np.ndarray, " modes"], examples: float, penalty: float, weight: Float[np.ndarray, " modes"]
) -> float:
    """κ of κ = δ + (κ/P) Σ_k λ_k/(λ_k + κ); 0 where P examples determine all modes."""
    if not penalty and weight.sum() <= examples:
        return 0.0

    def excess(log_kappa: float) -> float:
        kappa = np.exp(log_kappa)
        return float(np.sum(weight * eigenvalue / (eigenvalue + kappa))) - examples * (1 - penalty / kappa)

    top = float(np.log(penalty + np.sum(weight * eigenvalue) / examples)) + 1e-9
    low = np.log(penalty) if penalty else top - 60.0
    return float(np.exp(brentq(excess, low, top, xtol=1e-13)))  # pyright: ignore[reportArgumentType]


def kernel_error(  # noqa: PLR0913
    eigenvalue: Float[np.ndarray, " modes"],
    target: Float[np.ndarray, " modes"],
    examples: float,
    noise: float = 0.0,
    penalty: float = 0.0,
    weight: Float[np.ndarray, " modes"] | None = None,
) -> KernelError:
    """Eigenvalues λ_k > 0, target w_k² λ_k, P examples, σ² = noise, δ = penalty; `weight`: how often a mode is there.

    Law: falls with P where σ² = 0; infinite without penalty where there are as many modes as examples.
    """
    weight = np.ones_like(eigenvalue) if weight is None else weight
    kappa = effective_ridge(eigenvalue, examples, penalty, weight)
    learned = eigenvalue / (eigenvalue + kappa)
    gamma = float(np.sum(weight * learned**2)) / examples
    if gamma >= 1:
        return KernelError(np.inf, kappa, gamma, np.inf, np.inf)
    bias = float(np.sum(weight * target * (1 - learned) ** 2)) / (1 - gamma)
    return KernelError(bias + noise / (1 - gamma), kappa, gamma, bias, noise * gamma / (1 - gamma))


def best_ridge(
    eigenvalue: Float[np.ndarray, " modes"],
    target: Float[np.ndarray, " modes"],
    examples: float,
    noise: float,
    weight: Float[np.ndarray, " modes"] | None = None,
) -> tuple[float, KernelError]:
    """The penalty δ of least error, and that error."""
    error = lambda x: kernel_error(eigenvalue, target, examples, noise, float(np.exp(x)), weight)  # noqa: E731
    top = float(np.log(np.sum(eigenvalue if weight is None else weight * eigenvalue)))
    found = minimize_scalar(lambda x: error(x).error, bounds=(top - 30.0, top + 3.0), method="bounded",
                            options={"xatol": 1e-6})  # fmt: skip
    return float(np.exp(found.x)), error(found.x)  # pyright: ignore[reportAttributeAccessIssue]


def exponents(a: float, b: float) -> tuple[float, float]:
    """Of E - σ² ~ P^-m without noise, m = min(b - 1, 2a), and with noise and the best penalty, m/(1 + m).

    λ_k = k^-a, w_k² λ_k = k^-b.  Ref: Bordelon et al., arXiv:2002.02561; Cui et al., arXiv:2105.15004.
    """
    m = min(b - 1, 2 * a)
    return m, m / (1 + m)
