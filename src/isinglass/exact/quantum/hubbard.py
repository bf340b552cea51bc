# SPDX-License-Identifier: Apache-2.0
"""The Hubbard model, H = -t Σ (c†_i c_j + h.c.) + U Σ n_up n_down: two sites; the infinite chain at half filling."""

import numpy as np

__all__ = ["energy_per_site", "free_energy_of_hopping", "two_sites"]


def two_sites(U: float, t: float = 1.0) -> float:
    """One electron of each spin on one bond: E_0 = U/2 - √(U²/4 + 4t²)."""
    return float(U / 2 - np.sqrt(U * U / 4 + 4 * t * t))


def energy_per_site(U: float, t: float = 1.0) -> float:
    """Lieb and Wu 1968: e = -4t ∫_0^∞ dω J_0(ω) J_1(ω) / (ω (1 + e^{ωU/2t})).  doi:10.1103/PhysRevLett.20.1445.

    Law: -4t/π at U = 0; 0 for U -> ∞.
    """
    from scipy.integrate import quad
    from scipy.special import expit, j0, j1

    inner = lambda w: j0(w) * (j1(w) / w if w > 0 else 0.5) * expit(-w * U / (2 * t))  # noqa: E731
    ends = np.concatenate([np.arange(0, 200, 5.0), [1e3]])
    parts = [quad(inner, a, b, limit=400)[0] for a, b in zip(ends, ends[1:], strict=False)]
    return float(-4 * t * sum(parts))


def free_energy_of_hopping(hopping: np.ndarray, particles: int) -> float:
    """Lowest energy of free fermions: the sum of the `particles` lowest eigenvalues of the hopping matrix."""
    return float(np.sort(np.linalg.eigvalsh(hopping))[:particles].sum())
