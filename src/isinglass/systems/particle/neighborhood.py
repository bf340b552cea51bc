# SPDX-License-Identifier: Apache-2.0
"""A table of neighbors that outlives many steps: all within cutoff + skin, until one more could have come near.

Atoms that move by u_i beside the strain F = H_0⁻¹ H of the cell have r_ij = r_ij⁰ F + u_j - u_i, so that no pair
outside of the table is nearer than σ_min(F) (cutoff + skin) - 2 max |u|, and σ_min(F) ≥ 1 - |F - 1|.
Ref: Verlet 1967, doi:10.1103/PhysRev.159.98.
"""

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.errors import InputError
from isinglass.systems.particle.cell_list import NeighborCapacity, completed, neighbor_list
from isinglass.systems.particle.interatomic import NeighborTable, neighbor_table
from isinglass.systems.particle.neighbor_search import find_neighbors, larger

__all__ = ["Neighborhood", "NeighborhoodRoom", "find_neighborhood", "is_complete", "plan_room"]

ROOM = 1.2  # columns for this many times the neighbors found: crystals have more of them once they are warm
SPARE = 1.03  # bins are wider than needed by this share, for cells that shrink


class NeighborhoodRoom(eqx.Module):
    """What is fixed when a program is compiled."""

    capacity: NeighborCapacity = eqx.field(static=True)
    columns: int = eqx.field(static=True)

    def numbers(self) -> Int[np.ndarray, " 9"]:
        """As an array, for a checkpoint."""
        c = self.capacity
        return np.array([*c.bins, *c.reach, c.atoms_per_bin, c.pairs, self.columns])

    @staticmethod
    def of_numbers(numbers: Int[np.ndarray, " 9"]) -> "NeighborhoodRoom":
        """The inverse of `numbers`."""
        a, b, c, d, e, f, atoms, pairs, columns = (int(k) for k in numbers)
        return NeighborhoodRoom(NeighborCapacity((a, b, c), (d, e, f), atoms, pairs), columns)


class Neighborhood(NamedTuple):
    """Neighbors, and where the atoms were when they were found."""

    table: NeighborTable
    positions: Float[Array, "n 3"]
    cell: Float[Array, "3 3"]
    inverse: Float[Array, "3 3"]  # of the cell, open directions completed


def find_neighborhood(
    positions: Float[Array, "n 3"], cell: Float[Array, "3 3"], pbc: Bool[Array, " 3"],
    radius: float | Float[Array, ""], room: NeighborhoodRoom,
) -> Neighborhood:  # fmt: skip
    """All neighbors within the radius; `table.overflow` where the room is too small."""
    pairs = neighbor_list(positions, cell, pbc, radius, room.capacity)
    inverse = jnp.linalg.inv(completed(cell, pbc))
    return Neighborhood(neighbor_table(pairs, len(positions), room.columns), positions, cell, inverse)


def is_complete(
    near: Neighborhood, positions: Float[Array, "n 3"], cell: Float[Array, "3 3"], pbc: Bool[Array, " 3"],
    cutoff: float, skin: float, spare_strain: float | Float[Array, ""] = 0.0,
) -> Bool[Array, ""]:  # fmt: skip
    """Whether every pair nearer than the cutoff is in the table, for cells strained by `spare_strain` more too."""
    strain = near.inverse @ jnp.where(pbc[:, None], cell - near.cell, 0)  # F - 1
    least = (1 - jnp.sqrt(jnp.sum(strain * strain))) * (1 - spare_strain)
    moved = jnp.max(jnp.sum(jnp.square(positions - near.positions - near.positions @ strain), axis=1))
    return 2 * jnp.sqrt(moved) < least * (cutoff + skin) - cutoff


def plan_room(
    positions: Float[np.ndarray, "n 3"], cell: Float[np.ndarray, "3 3"], pbc: Bool[np.ndarray, " 3"],
    radius: float, before: NeighborhoodRoom | None = None,
) -> NeighborhoodRoom:  # fmt: skip
    """Room for the neighbors of these atoms with a margin, never less than before.  Errors: as `find_neighbors`."""
    if not np.isfinite(positions).all():
        raise InputError("finite positions", "NaN or infinity", "shorten the time step")
    found, capacity = find_neighbors(positions, cell, pbc, radius * SPARE)
    r = found.vectors(jnp.asarray(positions, float), jnp.asarray(cell, float), 2 * radius)
    held = jnp.where(jnp.sum(r * r, axis=1) < radius**2, found.i, len(positions))
    most = int(jax.device_get(jnp.max(jnp.bincount(held, length=len(positions) + 1)[:-1])))
    columns = 2 * math.ceil(ROOM * max(most, 1) / 2)
    if before is None:
        return NeighborhoodRoom(capacity, columns)
    room = larger(capacity, before.capacity.atoms_per_bin, before.capacity.pairs)
    return NeighborhoodRoom(room, max(columns, before.columns))
