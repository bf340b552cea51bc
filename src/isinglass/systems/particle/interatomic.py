# SPDX-License-Identifier: Apache-2.0
"""Energies of atoms as functions of the vectors to their neighbors; forces and virial by differentiation.

E = Σ_i E_i({r_ij}), r_ij = r_j + S · cell - r_i;  f_ij = ∂E/∂r_ij;  F_i = Σ_j (f_ij - f_ji);  dE/dε = Σ_ij f_ij ⊗ r_ij.
Ref: Fan et al. 2015, doi:10.1103/PhysRevB.92.094301, for energies that are no sum over pairs.
"""

from abc import abstractmethod
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.systems.particle.cell_list import NeighborList

__all__ = ["AbstractInteratomic", "Forces", "NeighborTable", "forces", "neighbor_table"]


class NeighborTable(NamedTuple):
    """The neighbors of every atom in K columns, in the order of `NeighborList`; the last columns may be empty.

    Law: entry `reverse` of (i, j, S) is (j, i, -S), so that sums over the atoms that see one need no scattering.
    """

    index: Int[Array, "n K"]  # j; of an empty place i
    shift: Int[Array, "n K 3"]  # S
    real: Bool[Array, "n K"]
    reverse: Int[Array, "n K"]  # place in the flattened table; of an empty place its own
    overflow: Bool[Array, ""]  # neighbors are missing: the table is not to be used

    def vectors(
        self, positions: Float[Array, "n 3"], cell: Float[Array, "3 3"], beyond: float | Float[Array, ""]
    ) -> Float[Array, "n K 3"]:
        """r_ij = r_j + S · cell - r_i; of an empty place (beyond, 0, 0), where no force reaches."""
        r = positions[self.index] + self.shift.astype(positions.dtype) @ cell - positions[:, None]
        empty = jnp.array([1.0, 0.0, 0.0], positions.dtype) * beyond
        return jnp.where(self.real[..., None], r, empty)

    def sent(self, h: Float[Array, "n *f"]) -> Float[Array, "n K *f"]:
        """h_j at every place (i, j); 0 at an empty one."""
        return sent(h, self.index, self.real, self.reverse)

    def returned(self, f: Float[Array, "n K *f"]) -> Float[Array, "n *f"]:
        """Σ_j f_ji: what the others hold of an atom; the adjoint of `sent`."""
        return returned(f, self.index, self.real, self.reverse)


def masked(f: Float[Array, "n K *f"], real: Bool[Array, "n K"]) -> Float[Array, "n K *f"]:
    """f, 0 at empty places."""
    return jnp.where(real.reshape(real.shape + (1,) * (f.ndim - 2)), f, 0)


@jax.custom_vjp
def sent(h, index, real, reverse):
    """Of `NeighborTable`.  A gather whose adjoint is a gather, to any order."""
    return masked(h[index], real)


@jax.custom_vjp
def returned(f, index, real, reverse):
    """Of `NeighborTable`."""
    flat = f.reshape((-1, *f.shape[2:]))
    return jnp.sum(masked(flat[reverse], real), axis=1)


sent.defvjp(lambda h, *table: (sent(h, *table), table), lambda table, bar: (returned(bar, *table), None, None, None))
returned.defvjp(
    lambda f, *table: (returned(f, *table), table), lambda table, bar: (sent(bar, *table), None, None, None)
)


def neighbor_table(pairs: NeighborList, n: int, columns: int) -> NeighborTable:
    """The pairs in rows of at most `columns`; `overflow` where an atom has more, or pairs are missing already."""
    count = jnp.bincount(pairs.i, length=n + 1)
    column = jnp.arange(len(pairs.i)) - (jnp.cumsum(count) - count)[pairs.i]
    place = (jnp.where(pairs.i < n, pairs.i, n), column)
    put = lambda table, value: table.at[place].set(value, mode="drop")  # noqa: E731
    index = put(jnp.tile(jnp.arange(n)[:, None], (1, columns)), pairs.j)
    shift = put(jnp.zeros((n, columns, 3), pairs.shift.dtype), pairs.shift)
    real = put(jnp.zeros((n, columns), bool), jnp.ones((), bool))
    flat = pairs.i * columns + column
    forward = jnp.lexsort((*pairs.shift.T, pairs.j, pairs.i))
    backward = jnp.lexsort((*-pairs.shift.T, pairs.i, pairs.j))  # the same order of the reversed pairs
    partner = jnp.zeros_like(flat).at[backward].set(flat[forward])
    reverse = put(jnp.arange(n * columns).reshape(n, columns), partner)
    return NeighborTable(index, shift, real, reverse, pairs.overflow | (jnp.max(count[:n]) > columns))


class AbstractInteratomic(eqx.Module):
    """Energies of atoms that see neighbors up to a cutoff.  Units: eV, Å, or others that belong together.

    Law: smooth in r, and without a jump where a neighbor passes the cutoff.
    """

    cutoff: eqx.AbstractVar[float]
    numbers: eqx.AbstractVar[tuple[int, ...]]  # atomic numbers of species 0, 1, ...

    @abstractmethod
    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """E_i of every atom, of the vectors r_ij at the places of the table."""


class Forces(NamedTuple):
    """Of one set of atoms, or of several side by side."""

    energies: Float[Array, " n"]  # of the atoms
    forces: Float[Array, "n 3"]  # -∂E/∂x_i
    virials: Float[Array, "n 3 3"]  # Σ_j f_ij ⊗ r_ij: their sum is dE/dε, and by the volume the stress, pressure < 0


def forces(
    potential: AbstractInteratomic | Any, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
) -> Forces:
    """Energies, and by one differentiation forces and virials.  Law: Σ F = 0; Σ x × F = 0 in the open."""

    def total(r):
        energies = potential.atom_energies(r, neighbors, species)
        return jnp.sum(energies), energies

    (_, energies), f = jax.value_and_grad(total, has_aux=True)(r)
    f = masked(f, neighbors.real)
    pull = jnp.sum(f, axis=1) - neighbors.returned(f)
    return Forces(energies, pull, jnp.einsum("nka,nkb->nab", f, r))


def species_of(numbers: Int[np.ndarray, " n"], known: tuple[int, ...]) -> Int[np.ndarray, " n"]:
    """Place of every atomic number among the known ones.  Raises ValueError naming one that is not."""
    place = {number: k for k, number in enumerate(known)}
    missing = sorted(set(np.asarray(numbers).tolist()) - set(known))
    if missing:
        raise ValueError(f"Atomic numbers {missing} are none of {list(known)}.")
    return np.asarray([place[z] for z in np.asarray(numbers).tolist()], int)
