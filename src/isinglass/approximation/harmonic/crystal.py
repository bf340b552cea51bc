# SPDX-License-Identifier: Apache-2.0
"""A configuration with all its neighbors: energy, forces, stress as functions of displacements and strain, exactly."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.systems.particle.interatomic import AbstractInteratomic, NeighborTable
from isinglass.systems.particle.neighborhood import find_neighborhood, plan_room
from isinglass.systems.particle.structure import AtomicStructure

__all__ = ["StillCrystal", "still_crystal"]


class StillCrystal(eqx.Module):
    """E(u, F) with x = (x_0 + u) F, H = H_0 F; neighbors are those of u = 0, F = 1.

    Derivatives at 0 are exact: energies vanish smoothly at the cutoff.
    """

    potential: AbstractInteratomic | Any
    x: Float[Array, "n 3"]
    cell: Float[Array, "3 3"]
    species: Int[Array, " n"]
    table: NeighborTable

    def energy(self, u: Float[Array, "n 3"], F: Float[Array, "3 3"]) -> Float[Array, ""]:
        """E in eV."""
        r = self.table.vectors(self.x + u, self.cell, self.potential.cutoff)
        r = jnp.where(self.table.real[..., None], r @ F, r)
        return jnp.sum(self.potential.atom_energies(r, self.table, self.species))

    def slope(self, u: Float[Array, "n 3"], F: Float[Array, "3 3"]) -> Float[Array, "n 3"]:
        """∂E/∂u."""
        return jax.grad(self.energy)(u, F)

    @eqx.filter_jit
    def hessian_columns(self, atoms: Int[Array, " m"], chunk: int = 32) -> Float[Array, "m 3 n 3"]:
        """∂²E/∂u_a ∂u for some atoms a: one derivative of the forces for each column, `chunk` at once.

        Backwards twice, as messages between atoms have no forward derivative (`systems.particle.interatomic.sent`).
        """
        still, F = jnp.zeros_like(self.x), jnp.eye(3, dtype=self.x.dtype)

        def column(index):
            tangent = still.at[index // 3, index % 3].set(1.0)
            return jax.vjp(lambda u: self.slope(u, F), still)[1](tangent)[0]

        indices = (3 * atoms[:, None] + jnp.arange(3)[None]).reshape(-1)
        columns = jax.lax.map(column, indices, batch_size=min(chunk, len(indices)))
        return columns.reshape(len(atoms), 3, len(self.x), 3)


def still_crystal(
    potential: AbstractInteratomic, atoms: AtomicStructure, species: Int[np.ndarray, " n"]
) -> StillCrystal:
    """The configuration with its neighbors."""
    x, cell, pbc = jnp.asarray(atoms.positions, float), jnp.asarray(atoms.cell, float), jnp.asarray(atoms.pbc)
    room = plan_room(atoms.positions, atoms.cell, atoms.pbc, potential.cutoff)
    near = eqx.filter_jit(find_neighborhood)(x, cell, pbc, potential.cutoff, room)
    return StillCrystal(potential, x, cell, jnp.asarray(species), near.table)
