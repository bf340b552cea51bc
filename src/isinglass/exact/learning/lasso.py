# SPDX-License-Identifier: Apache-2.0
"""LASSO, argmin_w |y - X w/√N|²/2 + λ Σ|w_i|, of y = X x/√N + noise, n = αN rows of normal inputs, N -> ∞.

w_i is the soft threshold at θ of x_i + τ z, with

    τ² = (σ² + <(w - x)²>)/α,   λ = θ (α - P(w ≠ 0))

Ref: Bayati & Montanari 2012, arXiv:1008.2581; Donoho, Maleki & Montanari 2009, arXiv:0907.3574.
"""

from math import exp, inf, pi, sqrt
from typing import NamedTuple

from scipy.optimize import brentq, minimize_scalar
from scipy.special import ndtr

from isinglass.exact.learning.scalar_prior import SparseSigns

__all__ = ["LassoState", "lasso", "lasso_at", "sparsest_solved"]

STEPS = 10_000
STILL = 1e-13
WIDEST = 12.0  # of θ/τ


class LassoState(NamedTuple):
    """A solution of the equations."""

    penalty: float  # λ
    error: float  # <(w - x)²>
    nonzero: float  # P(w ≠ 0)
    tau: float
    theta: float


def lasso(prior: SparseSigns, alpha: float, noise: float, penalty: float) -> LassoState:
    """The solution of this λ."""
    excess = lambda ratio: lasso_at(prior, alpha, noise, ratio).penalty - penalty  # noqa: E731
    low = least_ratio(alpha)
    high = WIDEST + 2 * penalty / sqrt(alpha * (1 + noise))  # λ = θ α where all is 0
    ratio = float(brentq(excess, low * (1 + 1e-6) + 1e-6, high, xtol=1e-12))  # pyright: ignore[reportArgumentType]
    return lasso_at(prior, alpha, noise, ratio)


def lasso_at(prior: SparseSigns, alpha: float, noise: float, ratio: float) -> LassoState:
    """The solution of this θ/τ, by iteration from large τ."""
    tau2 = (noise + 1) / alpha
    for _ in range(STEPS):
        before, tau2 = tau2, (noise + moments(prior, tau2**0.5, ratio)[0]) / alpha
        if abs(tau2 - before) < STILL * tau2 or tau2 < STILL**2:
            break
        if not tau2 < 1e12:  # noqa: PLR2004
            return LassoState(-inf, inf, 1.0, inf, inf)
    tau = tau2**0.5
    error, nonzero = moments(prior, tau, ratio)
    return LassoState(ratio * tau * (alpha - nonzero), error, nonzero, tau, ratio * tau)


def moments(prior: SparseSigns, tau: float, ratio: float) -> tuple[float, float]:
    """<(w - x)²> and P(w ≠ 0) at θ = ratio τ, in closed form."""
    error = nonzero = 0.0
    for x, p in prior.atoms():
        u, r = x / tau, ratio
        below, above = (float(ndtr(each)) for each in (r - u, -r - u))
        edges = (r - u) * normal_density(r + u) + (r + u) * normal_density(r - u)
        error += p * tau**2 * (1 + r**2 + (u**2 - 1 - r**2) * (below - above) - edges)
        nonzero += p * (1 - below + above)
    return error, nonzero


def normal_density(u: float) -> float:
    """φ(u)."""
    return exp(-(u**2) / 2) / sqrt(2 * pi)


def least_ratio(alpha: float) -> float:
    """θ/τ above which noise alone does not grow: <(soft z)²> = α."""
    if alpha >= 1:
        return 0.0
    return float(brentq(lambda r: 2 * tail(r) - alpha, 0.0, WIDEST))  # pyright: ignore[reportArgumentType]


def tail(r: float) -> float:
    """∫_r^∞ Dz (z - r)² = (1 + r²) Φ(-r) - r φ(r)."""
    return float((1 + r**2) * ndtr(-r)) - r * normal_density(r)


def sparsest_solved(alpha: float) -> float:
    """Nonzero entries by rows up to which x is found without noise, λ -> 0; 0.3857 at α = ½.

    max_r (1 - 2 T/α)/(1 + r² - 2 T), T = `tail`.  Ref: Donoho, Maleki & Montanari 2009.
    """
    value = lambda r: -(1 - 2 * tail(r) / alpha) / (1 + r**2 - 2 * tail(r))  # noqa: E731
    return -float(minimize_scalar(value, bounds=(0.0, 8.0), method="bounded", options={"xatol": 1e-10}).fun)  # pyright: ignore
