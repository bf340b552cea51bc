# SPDX-License-Identifier: Apache-2.0
"""The transverse-field Ising chain, H = -J Σ Z_i Z_{i+1} - h Σ X_i, by free fermions at any N.

Pfeuty 1970, doi:10.1016/0003-4916(70)90270-8.  Critical at h = J.
"""

import numpy as np

__all__ = ["energy_per_site", "first_excited_energy", "ground_energy"]


def ground_energy(n_sites: int, h: float = 1.0, J: float = 1.0, *, periodic: bool = True) -> float:
    """E_0 = -Σ_k √(J² + h² + 2Jh cos k), k = (2n + 1)π/N; open: minus the singular values of a bidiagonal matrix.

    Law: -2J / sin(π/2N) at h = J, periodic.
    """
    if not periodic:
        return float(-np.linalg.svd(h * np.eye(n_sites) + J * np.eye(n_sites, k=1), compute_uv=False).sum())
    k = (2 * np.arange(n_sites) + 1) * np.pi / n_sites
    return float(-np.sqrt(J**2 + h**2 + 2 * J * h * np.cos(k)).sum())


def first_excited_energy(n_sites: int, h: float = 1.0, J: float = 1.0) -> float:
    """The lowest level of odd parity, E_1 = -Σ_{k≠0} √(J² + h² - 2Jh cos k) + h - J, k = 2πn/N, periodic."""
    k = 2 * np.pi * np.arange(1, n_sites) / n_sites
    return float(-np.sqrt(J**2 + h**2 - 2 * J * h * np.cos(k)).sum() + h - J)


def energy_per_site(h: float = 1.0, J: float = 1.0) -> float:
    """Of the infinite chain, -∫_0^π dk/π √(J² + h² + 2Jh cos k); -4/π at h = J = 1."""
    from scipy.special import ellipe

    return float(-2 * (J + h) / np.pi * ellipe(4 * J * h / (J + h) ** 2))
