# SPDX-License-Identifier: Apache-2.0
"""Mean-field (Curie-Weiss, Bragg-Williams) Ising model: m = tanh((z J m + h) / T), T_c = z J; k_B = 1.

Textbook: Landau & Lifshitz, Statistical Physics I, ch. XIV.
"""

import numpy as np
from scipy.optimize import root_scalar

__all__ = ["critical_temperature", "free_energy", "magnetization"]


def critical_temperature(z: int, J: float = 1.0) -> float:
    """T_c = z J with z neighbors: 4 on the square lattice, against the exact 2.269; always too high."""
    return z * J


def free_energy(m: float, reduced_temperature: float) -> float:
    """Free energy per site over T_c, f = -m²/2 - τ s(m), τ = T/T_c, s the entropy of mixing of (1 ± m)/2.

    Law: f = -τ ln 2 + (τ - 1) m²/2 + τ m⁴/12 + ... (Landau); stationary where m = tanh(m/τ).
    """
    up, down = (1 + m) / 2, (1 - m) / 2
    entropy = -sum(p * np.log(p) for p in (up, down) if p > 0)
    return float(-(m**2) / 2 - reduced_temperature * entropy)


def magnetization(reduced_temperature: float) -> float:
    """Spontaneous m >= 0 solving m = tanh(m/τ), τ = T/T_c; 0 for τ >= 1.

    Law: m ≈ √(3 (1 - τ)) below T_c (beta = 1/2).
    """
    tau = reduced_temperature
    if tau >= 1:
        return 0.0
    # half the expansion near T_c: below the root, above the trivial root 0
    lower = min(0.5 * tau * np.sqrt(3 * (1 - tau)), 0.5)
    return float(root_scalar(lambda m: np.tanh(m / tau) - m, bracket=(lower, 1.0), xtol=1e-15, rtol=1e-14).root)
