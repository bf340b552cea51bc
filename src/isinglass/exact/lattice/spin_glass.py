# SPDX-License-Identifier: Apache-2.0
"""Ground-state energy of Ising spins with any couplings on a torus, by a transfer matrix in the (min, +) algebra.

Ref: Morgenstern and Binder 1980, doi:10.1103/PhysRevB.22.288 (the same recursion at finite temperature).
"""

import numpy as np
from jaxtyping import Float

__all__ = ["torus_ground_energy"]


def torus_ground_energy(down: Float[np.ndarray, "Lx Ly"], right: Float[np.ndarray, "Lx Ly"]) -> float:
    """Smallest E = -Σ_ij (down_ij s_ij s_(i+1)j + right_ij s_ij s_i(j+1)), periodic.

    V[a, s] is the least energy of the rows so far with first row a and last row s.  Cost: Lx Ly 4^Ly, memory 4^Ly
    numbers: Ly <= 11.  Law: equals the minimum over all 2^(Lx Ly) states.
    """
    Lx, Ly = down.shape
    if Ly > 11:
        raise ValueError(f"A transfer matrix of {Ly} columns needs 4^{Ly} numbers; transpose, or use at most 11.")
    spin = 1 - 2 * ((np.arange(2**Ly)[:, None] >> np.arange(Ly)) & 1)
    within = -(spin * np.roll(spin, -1, axis=1)) @ right.T  # energy of the bonds inside row i, [state, i]
    V = np.full((2**Ly, 2**Ly), np.inf)
    np.fill_diagonal(V, within[:, 0])
    for i in range(Lx):
        V = next_row(V, down[i])
        if i + 1 < Lx:
            V = V + within[:, i + 1]
    return float(V.diagonal().min())  # the row after the last is the first


def next_row(V: Float[np.ndarray, "a s"], J: Float[np.ndarray, " Ly"]) -> Float[np.ndarray, "a s"]:
    """V'[a, s'] = min_s (V[a, s] - Σ_j J_j s_j s'_j), one column after the other."""
    n = V.shape[0]
    for j, coupling in enumerate(J):
        by_spin = V.reshape(n, -1, 2, 2**j)
        up, down = by_spin[:, :, 0], by_spin[:, :, 1]
        V = np.stack([np.minimum(up - coupling, down + coupling), np.minimum(up + coupling, down - coupling)], axis=2)
        V = V.reshape(n, n)
    return V
