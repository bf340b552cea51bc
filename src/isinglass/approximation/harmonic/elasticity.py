# SPDX-License-Identifier: Apache-2.0
"""Elastic constants with the atoms relaxed, from exact second derivatives.

C = ∂σ/∂ε of the stress σ = ∂E/∂ε / V while forces stay 0: ∂_ε σ - ∂_u σ (∂²E/∂u²)⁻¹ ∂_u ∂_ε E (Born and Huang 1954).
Under pressure these are the coefficients of stress and strain (Barron and Klein 1965, doi:10.1088/0370-1328/85/3/313).
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.approximation.harmonic.crystal import StillCrystal
from isinglass.exact.particle.metal_units import GIGAPASCAL

__all__ = ["Elasticity", "elasticity"]

ROWS, COLUMNS = np.array([0, 1, 2, 1, 0, 0]), np.array([0, 1, 2, 2, 2, 1])  # xx yy zz yz xz xy


class Elasticity(NamedTuple):
    """Unit: GPa; strains of shear are 2 ε_yz and so on, as usual."""

    constants: Float[np.ndarray, "6 6"]
    clamped: Float[np.ndarray, "6 6"]  # with the atoms at fixed fractions of the cell
    least: float  # the smallest eigenvalue: the crystal is stable if it is positive

    @property
    def bulk(self) -> float:
        """Modulus of compression, mean of the bounds of Voigt and Reuss."""
        return float(self.constants[:3, :3].mean() + 1 / np.linalg.inv(self.constants)[:3, :3].sum()) / 2

    @property
    def shear(self) -> float:
        """Modulus of shear of a polycrystal, mean of the bounds of Voigt and Reuss (Hill 1952)."""
        C, S = self.constants, np.linalg.inv(self.constants)
        voigt = (3 * np.trace(C[:3, :3]) - C[:3, :3].sum()) / 30 + np.trace(C[3:, 3:]) / 5
        reuss = 15 / (6 * np.trace(S[:3, :3]) - 2 * S[:3, :3].sum() + 3 * np.trace(S[3:, 3:]))
        return float(voigt + reuss) / 2


def elasticity(crystal: StillCrystal, hessian: Float[np.ndarray, "n 3 n 3"]) -> Elasticity:
    """C of a periodic crystal at rest.  Law: symmetric; 4-index symmetries of the crystal."""
    n = len(crystal.x)
    sigma_e, force_e, sigma_u = (np.asarray(a, float) for a in coupled(crystal))
    translations = np.tile(np.eye(3), (n, 1)) / n**0.5
    H = np.asarray(hessian, float).reshape(3 * n, 3 * n)
    H = (H + H.T) / 2 + translations @ translations.T * np.trace(H) / (3 * n)
    moved = np.linalg.solve(H, force_e.reshape(3 * n, 6))  # -du/dε
    clamped = sigma_e / GIGAPASCAL
    C = clamped - sigma_u.reshape(6, 3 * n) @ moved / GIGAPASCAL
    return Elasticity(C, clamped, float(np.linalg.eigvalsh((C + C.T) / 2)[0]))


@eqx.filter_jit
def coupled(
    crystal: StillCrystal,
) -> tuple[Float[Array, "6 6"], Float[Array, "n 3 6"], Float[Array, "6 n 3"]]:
    """∂σ/∂ε, ∂²E/∂u∂ε and ∂σ/∂u in Voigt's order."""
    still = jnp.zeros_like(crystal.x)
    volume = jnp.abs(jnp.linalg.det(crystal.cell))

    def tensor(e):
        halves = jnp.asarray(np.array([1, 1, 1, 0.5, 0.5, 0.5]), e.dtype) * e
        return jnp.zeros((3, 3), e.dtype).at[ROWS, COLUMNS].set(halves).at[COLUMNS, ROWS].set(halves)

    one = jnp.eye(3, dtype=still.dtype)

    def stress(u, e):
        """∂E/∂ε / V of the strained cell, for a further strain of it."""
        F = one + tensor(e)
        slope = jax.grad(lambda more: crystal.energy(u, F @ (one + (more + more.T) / 2)))(jnp.zeros_like(one))
        return slope[ROWS, COLUMNS] / (volume * jnp.linalg.det(F))

    zero = jnp.zeros(6, still.dtype)
    pull = lambda u: jax.grad(lambda e: crystal.energy(u, one + tensor(e)))(zero)  # noqa: E731
    with_strain, with_atoms = jax.jacrev(stress, (1, 0))(still, zero)
    return with_strain, jnp.moveaxis(jax.jacrev(pull)(still), 0, -1), with_atoms
