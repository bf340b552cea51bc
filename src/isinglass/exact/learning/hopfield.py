# SPDX-License-Identifier: Apache-2.0
"""The Hopfield network with P = αN random patterns, N -> ∞: overlap, capacity, errors.

Retrieval states solve, with x = m/σ, β = 1/T and z normal,

    m = <tanh β(m + σ z)>,  q = <tanh² β(m + σ z)>,  C = β (1 - q),  σ² = α r,  r = 1/(1 - C)²

At T = 0: m = erf(x/√2), C = √(2/π) exp(-x²/2)/σ, so that √α = m/x - √(2/π) exp(-x²/2).
Either way x gives m, q and α; a load below the capacity max_x α belongs to two x, of which the larger is stable.
Ref: Amit, Gutfreund & Sompolinsky 1985, doi:10.1103/PhysRevLett.55.1530; 1987, doi:10.1016/0003-4916(87)90092-3.
"""

from math import comb, erf, erfc, exp, inf, log, pi, prod, sqrt
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq, minimize_scalar

__all__ = ["RetrievalState", "capacity", "dense_error", "mixture_overlap", "one_step_error", "retrieval_state"]

COLDEST = 1e-3  # above T = 0: the grid of the integrals
WIDEST = 9.0  # of z, in standard deviations
NEAREST, FARTHEST = log(0.2), log(1e6)  # of ln x
POINTS = 400


class RetrievalState(NamedTuple):
    """A solution of the equations."""

    alpha: float  # load P/N
    m: float  # overlap with the pattern
    q: float  # Edwards-Anderson order parameter
    r: float  # mean square of the other overlaps, times 1/α


def retrieval_state(alpha: float, temperature: float = 0.0) -> RetrievalState | None:
    """The retrieval state of this load; None above the capacity.  Law: m falls with α and with T."""
    top = turning_point(temperature)
    if top is None or alpha > at(top, temperature).alpha:
        return None
    if alpha == 0:
        return at(FARTHEST, temperature)._replace(alpha=0.0)
    found = brentq(lambda u: at(u, temperature).alpha - alpha, top, FARTHEST, xtol=1e-13)
    return at(float(found), temperature)  # pyright: ignore[reportArgumentType]


def capacity(temperature: float = 0.0) -> RetrievalState | None:
    """The last retrieval state, at α_c(T); None for T >= 1.  α_c(0) = 0.1379055665 with m = 0.9674171148."""
    top = turning_point(temperature)
    return None if top is None else at(top, temperature)


def turning_point(temperature: float) -> float | None:
    """The u = ln x of the largest α; None for T >= 1."""
    if not (temperature == 0 or COLDEST <= temperature < inf):
        raise ValueError(f"temperature 0 or at least {COLDEST}, got {temperature}.")
    if temperature >= 1:
        return None
    u = np.linspace(NEAREST, log(100.0), POINTS if temperature == 0 else POINTS // 4)
    alpha = [at(v, temperature).alpha for v in u]
    k = int(np.argmax(alpha))
    low, high = u[max(k - 1, 0)], u[min(k + 1, len(u) - 1)]
    best = minimize_scalar(lambda v: -at(v, temperature).alpha, bounds=(low, high), method="bounded",
                           options={"xatol": 1e-10})  # fmt: skip
    return float(best.x)  # pyright: ignore[reportAttributeAccessIssue]


def at(u: float, temperature: float) -> RetrievalState:
    """The state of x = e^u: m by its equation, then σ = m/x and α = σ² (1 - C)²; α = 0 where C > 1."""
    x = exp(u)
    if temperature == 0:
        m, q = erf(x / sqrt(2)), 1.0
        C = sqrt(2 / pi) * exp(-(x**2) / 2) * x / m
    else:
        m = magnetization(x, temperature)
        q = mean_tanh(m, m / x, temperature, 2)
        C = (1 - q) / temperature
    gain = max(1 - C, 0.0)
    return RetrievalState((m / x * gain) ** 2, m, q, 1 / gain**2 if gain else inf)


def magnetization(x: float, T: float) -> float:
    """m > 0 of m = <tanh (m/T)(1 + z/x)>, of which there is one for T < 1: the right side is concave in m."""
    excess = lambda m: mean_tanh(m, m / x, T, 1) - m  # noqa: E731
    return float(brentq(excess, 1e-6 * sqrt(1 - T), 1.0, xtol=1e-14))  # pyright: ignore[reportArgumentType]


def mean_tanh(m: float, sigma: float, T: float, power: int) -> float:
    """<tanh^power ((m + σ z)/T)> by the trapezoidal rule, whose error falls as exp(-π² T/(σ h)) with the step h."""
    h = min(0.05, 0.25 * T / sigma)
    z = np.linspace(-WIDEST, WIDEST, 2 * round(WIDEST / h) + 1)
    weight = np.exp(-(z**2) / 2)
    return float(np.sum(weight * np.tanh((m + sigma * z) / T) ** power) / weight.sum())


def one_step_error(alpha: float) -> float:
    """½ erfc(1/√(2α)): share of the bits of a stored pattern that are not stable."""
    return erfc(1 / sqrt(2 * alpha)) / 2


def dense_error(n: int, patterns: int, neurons: int) -> float:
    """The same of a dense memory F = x^n: ½ erfc √(N^(n-1)/(2 P (2n-3)!!)), for n = 2 that of Hebb's rule.

    Ref: Krotov & Hopfield 2016, arXiv:1606.01164.
    """
    return erfc(sqrt(neurons ** (n - 1) / (2 * patterns * prod(range(2 * n - 3, 0, -2))))) / 2


def mixture_overlap(n: int) -> float:
    """Overlap of sign(ξ¹ + ... + ξⁿ), n odd, with each of them: 2^(1-n) (n-1 choose (n-1)/2); ½ for three, α -> 0.

    Ref: Amit, Gutfreund & Sompolinsky 1985, doi:10.1103/PhysRevA.32.1007.
    """
    return comb(n - 1, (n - 1) // 2) / 2 ** (n - 1)
