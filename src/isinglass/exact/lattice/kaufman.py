# SPDX-License-Identifier: Apache-2.0
"""Ising model on a finite Lx x Ly torus, Z = ½ (2 sinh 2K)^(N/2) [Z1 + Z2 + Z3 + Z4]: Kaufman's exact solution.

    Z1, Z2 = Π_{l odd} 2 cosh, 2 sinh (Lx γ_l / 2),   Z3, Z4 = Π_{l even} 2 cosh, 2 sinh (Lx γ_l / 2),   0 <= l < 2 Ly,
    cosh γ_l = C - cos(π l / Ly),   C = cosh 2K coth 2K,   γ_0 = 2K + ln tanh K, negative above T_c.

E = -Σ_<ij> s_i s_j, K = 1/T, J = k_B = 1.  A side of 2 has its bond twice.  Derivatives in K are analytic; products are
summed as logarithms, so that any side and 0.01 <= T <= 1e4 are safe.  Cost: O(Ly) per temperature.
Ref: Kaufman 1949, doi:10.1103/PhysRev.76.1232; Ferdinand & Fisher 1969, doi:10.1103/PhysRev.185.832.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

__all__ = ["energy", "log_partition_function", "specific_heat", "temperature_of_energy"]

COLDEST, HOTTEST = 0.05, 1e4

Real = float | int | np.ndarray
Quantity = float | NDArray[np.float64]
Array = NDArray[np.float64]


class Jet(NamedTuple):
    """A function of K with its first and second derivatives."""

    value: Array
    first: Array
    second: Array


def log_partition_function(T: Real, L: int, Ly: int | None = None) -> Quantity:
    """Logarithm of the partition function per site, ln Z / N.

    Law: N ln 2 + N K² + O(K⁴) for T → ∞ on sides > 2 (ln Z / N → ln 2); ln Z / N → 2K + ln(2)/N for T → 0.
    """
    return _log_z(T, L, Ly or L).value[()]


def energy(T: Real, L: int, Ly: int | None = None) -> Quantity:
    """Mean energy per site, u = -(1/N) ∂ ln Z / ∂K.

    Law: -2 <= u <= 0.
    """
    return -_log_z(T, L, Ly or L).first[()]


def specific_heat(T: Real, L: int, Ly: int | None = None) -> Quantity:
    """Specific heat per site, c = (K²/N) ∂² ln Z / ∂K² = (⟨E²⟩ - ⟨E⟩²) / (N T²).

    Law: c = du/dT >= 0.
    """
    return (_log_z(T, L, Ly or L).second / np.asarray(T, dtype=float) ** 2)[()]


def temperature_of_energy(u: float, L: int, Ly: int | None = None) -> float:
    """T at which the mean energy per site is u; 0 at u <= -2 and infinite at u >= 0.

    Law: the inverse of `energy`, which rises.
    """
    if not u > energy(COLDEST, L, Ly):
        return 0.0 if u == u else np.nan  # noqa: PLR0124 - NaN
    if u >= energy(HOTTEST, L, Ly):
        return np.inf
    return float(np.exp(brentq(lambda log_T: energy(np.exp(log_T), L, Ly) - u, np.log(COLDEST), np.log(HOTTEST))))  # pyright: ignore


def _log_z(T: Real, Lx: int, Ly: int) -> Jet:
    """ln Z / N and K-derivatives, each term written exp(log_scale) * factor with the derivatives of both."""
    K = 1 / np.asarray(T, dtype=float)[..., None]
    odd = _gamma(K, np.arange(1, 2 * Ly, 2), Ly)
    even = _gamma(K, np.arange(2, 2 * Ly, 2), Ly)
    zero = _gamma_zero(K)
    cosh_zero = _log_cosh(zero, Lx)
    log_scales = [
        _total(_log_cosh(odd, Lx)),
        _total(_log_sinh(odd, Lx)),
        _add(_total(_log_cosh(even, Lx)), _total(cosh_zero)),
        _add(_total(_log_sinh(even, Lx)), _total(cosh_zero)),
    ]
    log_scale = Jet(*(np.stack(parts, axis=-1) for parts in zip(*log_scales, strict=True)))
    factor = _last_term_factor(zero, Lx)  # 1, 1, 1, tanh(Lx γ_0 / 2): carries the sign of Z4 smoothly through T_c
    log_sum = _log_sum(log_scale, factor)

    N = Lx * Ly
    K = K[..., 0]
    sinh, cosh = np.sinh(2 * K), np.cosh(2 * K)
    return Jet(
        np.log(2 * sinh) / 2 + (log_sum.value - np.log(2)) / N,
        cosh / sinh + log_sum.first / N,
        -2 / sinh**2 + log_sum.second / N,
    )


def _gamma(K: Array, l: NDArray[np.int_], Ly: int) -> Jet:  # noqa: E741 - Kaufman's index
    """γ_l > 0, l ≠ 0, from sinh²(γ/2) = (sinh 2K - 1)² / (2 sinh 2K) + sin²(π l / 2 Ly): no cancellation near T_c."""
    s, c = np.sinh(2 * K), np.cosh(2 * K)
    half = np.arcsinh(np.sqrt((s - 1) ** 2 / (2 * s) + np.sin(np.pi * l / (2 * Ly)) ** 2))
    dC = 2 * c * (1 - 1 / s**2)
    d2C = 4 * s - 4 / s + 8 * c**2 / s**3
    sinh, cosh = np.sinh(2 * half), np.cosh(2 * half)
    first = dC / sinh
    return Jet(2 * half, first, (d2C - cosh * first**2) / sinh)


def _gamma_zero(K: Array) -> Jet:
    """γ_0 = 2K + ln tanh K = 2 arcsinh[(sinh 2K - 1) / √(2 sinh 2K)], of either sign."""
    s, c = np.sinh(2 * K), np.cosh(2 * K)
    return Jet(2 * np.arcsinh((s - 1) / np.sqrt(2 * s)), 2 + 2 / s, -4 * c / s**2)


def _log_cosh(gamma: Jet, n: int) -> Jet:
    """ln 2 cosh(n γ / 2)."""
    t = np.tanh(n * gamma.value / 2)
    value = np.logaddexp(n * gamma.value / 2, -n * gamma.value / 2)
    return Jet(value, n / 2 * gamma.first * t, n / 2 * (gamma.second * t + n / 2 * gamma.first**2 * (1 - t**2)))


def _log_sinh(gamma: Jet, n: int) -> Jet:
    """ln 2 sinh(n γ / 2), γ > 0."""
    t = 1 / np.tanh(n * gamma.value / 2)
    value = n * gamma.value / 2 + np.log(-np.expm1(-n * gamma.value))
    return Jet(value, n / 2 * gamma.first * t, n / 2 * (gamma.second * t + n / 2 * gamma.first**2 * (1 - t**2)))


def _last_term_factor(zero: Jet, n: int) -> Jet:
    """(1, 1, 1, tanh(n γ_0 / 2)) and derivatives."""
    g, dg, d2g = (part[..., 0] for part in zero)
    t = np.tanh(n * g / 2)
    sech2 = 1 - t**2
    one, none = np.ones_like(t), np.zeros_like(t)
    return Jet(
        np.stack([one, one, one, t], axis=-1),
        np.stack([none, none, none, n / 2 * dg * sech2], axis=-1),
        np.stack([none, none, none, n / 2 * sech2 * (d2g - n * dg**2 * t)], axis=-1),
    )


def _total(jet: Jet) -> Jet:
    """Sum over l, of the value and of both derivatives."""
    return Jet(*(part.sum(axis=-1) for part in jet))


def _add(a: Jet, b: Jet) -> Jet:
    return Jet(a.value + b.value, a.first + b.first, a.second + b.second)


def _log_sum(log_scale: Jet, factor: Jet) -> Jet:
    """ln Σ_i f_i exp(a_i); slopes are taken relative to a_1', so that squares do not cancel at large N."""
    a, da, d2a = log_scale
    f, df, d2f = factor
    top, slope = a.max(axis=-1), da[..., 0]
    weight = np.exp(a - top[..., None])
    da = da - slope[..., None]
    z = (f * weight).sum(axis=-1)
    first = ((df + f * da) * weight).sum(axis=-1) / z
    second = ((d2f + 2 * df * da + f * (d2a + da**2)) * weight).sum(axis=-1) / z
    return Jet(top + np.log(z), slope + first, second - first**2)
