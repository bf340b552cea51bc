# SPDX-License-Identifier: Apache-2.0
"""Ising model on the infinite square lattice, E = -J Σ_<ij> s_i s_j: Onsager's and Yang's exact solutions.

Units: k_B = 1; J is the unit of energy and temperature unless given.  J > 0.
Ref: Onsager 1944, doi:10.1103/PhysRev.65.117; Yang 1952, doi:10.1103/PhysRev.85.808.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.special import ellipe, ellipkm1

__all__ = ["critical_temperature", "energy", "free_energy", "magnetization", "specific_heat"]

Real = float | int | np.ndarray
Quantity = float | NDArray[np.float64]


def critical_temperature(J: float = 1.0) -> float:
    """T_c = 2 J / ln(1 + √2), where sinh(2J/T_c) = 1."""
    return 2 * J / float(np.log1p(np.sqrt(2)))


def free_energy(T: Real, J: float = 1.0) -> Quantity:
    """Free energy per site, -f/T = ln(2)/2 + (1/π) ∫_0^{π/2} dθ ln[cosh² 2K + √(S² + 1 - 2 S cos 2θ)], S = sinh² 2K.

    Law: f(0) = -2J, f → -T ln 2 for T → ∞, f concave in T.
    """
    temperature = np.asarray(T, dtype=float)
    values = [t * -_log_partition_function_per_site(J / t) for t in temperature.ravel()]
    return np.reshape(values, temperature.shape)[()]


def _log_partition_function_per_site(K: float) -> float:
    """The integral above with exp(4K) taken out of the logarithm, so that nothing overflows: x = exp(-4K)."""
    x = np.exp(-4 * K)
    cosh2, sinh2 = (1 + x) ** 2 / 4, (1 - x) ** 2 / 4  # cosh² 2K and sinh² 2K in units of exp(4K)

    def integrand(theta: float) -> float:
        # S² + 1 - 2 S cos 2θ = (S - 1)² + 4 S sin² θ: no cancellation near T_c
        return np.log(cosh2 + np.sqrt((sinh2 - x) ** 2 + 4 * x * sinh2 * np.sin(theta) ** 2))

    width = min(abs(sinh2 - x) / np.sqrt(4 * x * sinh2 + 1e-300), np.pi / 4)  # of the corner at θ = 0
    integral = quad(integrand, 0, width, epsabs=1e-14, epsrel=1e-13)[0] if width > 0 else 0.0
    integral += quad(integrand, width, np.pi / 2, epsabs=1e-14, epsrel=1e-13)[0]
    return float(np.log(2) / 2 + 2 * K + integral / np.pi)


def _moduli(K: Quantity) -> tuple[Quantity, Quantity, Quantity]:
    """κ' = 2 tanh² 2K - 1 and the complete elliptic integrals 𝐊(k), 𝐄(k) of k = 2 sinh 2K / cosh² 2K, k² + κ'² = 1."""
    csch2 = (2 * np.exp(-2 * K) / -np.expm1(-4 * K)) ** 2  # 1 / sinh² 2K
    kappa = (1 - csch2) / (1 + csch2)
    return kappa, ellipkm1(np.maximum(kappa**2, 1e-300)), ellipe(1 - kappa**2)


def energy(T: Real, J: float = 1.0) -> Quantity:
    """Energy per site, u = -J coth 2K [1 + (2/π) κ' 𝐊(k)].

    Law: u(T_c) = -√2 J; -2J <= u < 0.
    """
    K = J / np.asarray(T, dtype=float)
    kappa, elliptic_k, _ = _moduli(K)
    return (-J / np.tanh(2 * K) * (1 + 2 / np.pi * kappa * elliptic_k))[()]


def specific_heat(T: Real, J: float = 1.0) -> Quantity:
    """Specific heat per site, c = (2/π) (K coth 2K)² {2𝐊 - 2𝐄 - (1 - κ') [π/2 + κ' 𝐊]}; inf at T_c to double precision.

    Law: c = du/dT.
    """
    K = J / np.asarray(T, dtype=float)
    kappa, elliptic_k, elliptic_e = _moduli(K)
    bracket = 2 * elliptic_k - 2 * elliptic_e - (1 - kappa) * (np.pi / 2 + kappa * elliptic_k)
    c = 2 / np.pi * (K / np.tanh(2 * K)) ** 2 * bracket
    return np.where(np.abs(kappa) < 4e-15, np.inf, c)[()]


def magnetization(T: Real, J: float = 1.0) -> Quantity:
    """Spontaneous magnetization per site (Yang), m = (1 - sinh^-4 2K)^(1/8) below T_c, 0 above.

    Law: 0 <= m <= 1; m ~ (T_c - T)^(1/8).
    """
    K = J / np.asarray(T, dtype=float)
    csch = 2 * np.exp(-2 * K) / -np.expm1(-4 * K)
    return np.maximum(1 - csch**4, 0)[()] ** 0.125
