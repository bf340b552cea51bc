# SPDX-License-Identifier: Apache-2.0
"""Spin-1/2 chains with H = J Σ S_i·S_{i+1}: the Bethe ansatz; and with the second neighbors, Majumdar and Ghosh."""

import numpy as np
from scipy.optimize import root

__all__ = ["energy_per_site", "ground_energy", "majumdar_ghosh"]


def ground_energy(n_sites: int, J: float = 1.0) -> float:
    """Ground-state energy of a ring of an even number of spins, E_0 = J [N/4 - Σ_j ½ / (λ_j² + ¼)],

        2N arctan 2λ_j = 2π I_j + 2 Σ_k arctan(λ_j - λ_k),   I_j = -(M-1)/2 ... (M-1)/2,  M = N/2.

    Bethe 1931, doi:10.1007/BF01341708.  Cost: M³.
    """
    if n_sites % 2 or n_sites < 4:
        raise ValueError(f"Expected an even number of spins from 4 on, found {n_sites}; use another.")
    M = n_sites // 2
    numbers = np.arange(M) - (M - 1) / 2

    def equations(rapidity):
        scattering = np.arctan(rapidity[:, None] - rapidity[None]).sum(1)
        return n_sites * np.arctan(2 * rapidity) - np.pi * numbers - scattering

    def slope(rapidity):
        pair = 1 / (1 + (rapidity[:, None] - rapidity[None]) ** 2)
        return pair + np.diag(2 * n_sites / (1 + 4 * rapidity**2) - pair.sum(1))

    found = root(equations, np.tan(np.pi * numbers / n_sites) / 2, jac=slope, tol=1e-14)
    return float(J * (n_sites / 4 - (0.5 / (found.x**2 + 0.25)).sum()))


def energy_per_site(J: float = 1.0) -> float:
    """Ground-state energy per site of the infinite chain, J (¼ - ln 2)."""
    return float(J * (0.25 - np.log(2)))


def majumdar_ghosh(n_sites: int, J: float = 1.0) -> float:
    """E_0 = -3JN/8 of the ring with J_2 = J/2: singlets on every second bond.  doi:10.1063/1.1664978."""
    return -0.375 * J * n_sites
