# SPDX-License-Identifier: Apache-2.0
"""The transverse-field Ising chain, H = -J Σ Z_i Z_{i+1} - h Σ X_i, by free fermions at any N.

Pfeuty 1970, doi:10.1016/0003-4916(70)90270-8.  Critical at h = J.
"""

import numpy as np

__all__ = ["energy_per_site", "fidelity", "fidelity_susceptibility", "first_excited_energy", "ground_energy"]


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


def fidelity(n_sites: int, h: float, other: float, J: float = 1.0) -> float:
    """|<h|h'>|² = Π_k cos²((θ_k - θ'_k)/2), tan θ_k = J sin k / (h + J cos k), k = (2n + 1)π/N in (0, π), periodic.

    Even N.  Zanardi and Paunković 2006, arXiv:quant-ph/0512249.
    """
    k = (2 * np.arange(n_sites // 2) + 1) * np.pi / n_sites
    angle = [np.arctan2(J * np.sin(k), field + J * np.cos(k)) for field in (h, other)]
    return float(np.prod(np.cos((angle[0] - angle[1]) / 2) ** 2))


def fidelity_susceptibility(n_sites: int, h: float = 1.0, J: float = 1.0) -> float:
    """χ_F = ¼ Σ_k (dθ_k/dh)² over k in (0, π), from |<h|h + δ>|² = 1 - χ_F δ² + ...; N(N - 1)/32 at h = J = 1.

    Even N, periodic.  Damski and Rams 2014, arXiv:1308.5917.
    """
    k = (2 * np.arange(n_sites // 2) + 1) * np.pi / n_sites
    slope = J * np.sin(k) / (J**2 + h**2 + 2 * J * h * np.cos(k))
    return float((slope**2).sum() / 4)
