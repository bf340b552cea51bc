# SPDX-License-Identifier: Apache-2.0
"""The transverse-field Ising chain, H = -J Σ Z_i Z_{i+1} - h Σ X_i, by free fermions at any N.

Pfeuty 1970, doi:10.1016/0003-4916(70)90270-8.  Critical at h = J.
"""

import numpy as np
from jaxtyping import Float

__all__ = [
    "energy_per_site",
    "fidelity",
    "fidelity_susceptibility",
    "first_excited_energy",
    "ground_energy",
    "magnetization_after_quench",
]


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
    """Ground-state energy per site of the infinite chain, -∫_0^π dk/π √(J² + h² + 2Jh cos k); -4/π at h = J = 1."""
    from scipy.special import ellipe

    return float(-2 * (J + h) / np.pi * ellipe(4 * J * h / (J + h) ** 2))


def magnetization_after_quench(
    times: Float[np.ndarray, " t"], n_sites: int, before: float, after: float, J: float = 1.0
) -> Float[np.ndarray, " t"]:
    """<X>(t) of the ring whose field, `before` in the ground state, is `after` from t = 0 on.

    Each pair of modes ±k, k = (2n + 1)π/N, is a spin 1/2 in the field of H_k = 2 (a_k σ^z + b_k σ^x),
    a_k = h + J cos k, b_k = J sin k; its ground state points against the old field and precesses about the new one:

        <X>(t) = (1/N) Σ_k n_0·z,  n(t) = n_∥ + n_⊥ cos 4ε_k t,  ε_k = √(a_k² + b_k²)

    Barouch, McCoy and Dresden 1970, doi:10.1103/PhysRevA.2.1075.  Law: constant where `after` is `before`.
    """
    k = (2 * np.arange(n_sites) + 1) * np.pi / n_sites
    old, new = (np.stack([h + J * np.cos(k), J * np.sin(k)]) for h in (before, after))
    old, length = old / np.linalg.norm(old, axis=0), np.linalg.norm(new, axis=0)
    new = new / length
    along = (old * new).sum(axis=0) * new[0]
    return (along + (old[0] - along) * np.cos(4 * length * np.asarray(times)[:, None])).mean(axis=1)


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
