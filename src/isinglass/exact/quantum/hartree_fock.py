# SPDX-License-Identifier: Apache-2.0
"""Unrestricted Hartree-Fock of the Hubbard model: the best determinant for each spin, by energy."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["Determinants", "hartree_fock"]


class Determinants(NamedTuple):
    """A self-consistent solution: its energy and its mean fields."""

    energy: float
    fields: Float[np.ndarray, "2 N N"]  # h^s = T + U diag(n^-s); the lowest eigenvectors of each are the orbitals


def hartree_fock(
    hopping: Float[np.ndarray, "N N"], U: float, particles: tuple[int, int], starts: int = 20
) -> Determinants:
    """The lowest of E = Σ_s tr T ρ^s + U Σ_i n^↑_i n^↓_i, ρ^s of the lowest eigenvectors of h^s, n^s = diag ρ^s.

    From random densities, with damping: n <- (n + n_new)/2.  Law: E_0 <= E; E = E_0 at U = 0.
    Ref: Penn 1966, doi:10.1103/PhysRev.142.350.  Cost: N³ a step.
    """
    densities = np.random.default_rng(0).random((starts, 2, len(hopping)))
    return min((converged(hopping, U, particles, n) for n in densities), key=lambda found: found.energy)


def converged(
    hopping: Float[np.ndarray, "N N"], U: float, particles: tuple[int, int], n: Float[np.ndarray, "2 N"]
) -> Determinants:
    """The solution from the densities n, iterated until none changes by more than 1e-10, or 1000 steps."""
    for _ in range(1000):
        fields = hopping + U * np.stack([np.diag(n[1]), np.diag(n[0])])
        orbitals = [np.linalg.eigh(h)[1][:, :p] for h, p in zip(fields, particles, strict=True)]
        new = np.stack([(phi**2).sum(axis=1) for phi in orbitals])
        done = np.abs(new - n).max() < 1e-10
        n = (n + new) / 2
        if done:
            break
    kinetic = sum(np.trace(phi.T @ hopping @ phi) for phi in orbitals)
    return Determinants(float(kinetic + U * new[0] @ new[1]), fields)
