# SPDX-License-Identifier: Apache-2.0
"""Energies of atoms as functions of the vectors to their neighbors; forces and virial by differentiation.

E = Σ_i E_i({r_ij}), r_ij = r_j + S · cell - r_i;  f_ij = ∂E/∂r_ij;  F_i = Σ_j (f_ij - f_ji);  dE/dε = Σ_ij f_ij ⊗ r_ij.
Ref: Fan et al. 2015, doi:10.1103/PhysRevB.92.094301, for energies that are no sum over pairs.
"""

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.systems.particle.cell_list import NeighborList

__all__ = ["AbstractInteratomic", "AbstractUncertainPotential", "AtomsSeen", "Forces", "NeighborTable", "Uncertainty",
           "forces", "neighbor_table", "vector_forces"]  # fmt: skip


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

    def kinds(self, species: Int[Array, " n"], count: int) -> Bool[Array, "n K Z"]:
        """Whether j is of species z < count; False at an empty place."""
        of_neighbor = species[self.index][..., None]
        return self.real[..., None] & (of_neighbor == jnp.arange(count, dtype=species.dtype)[None, None])

    def returned(self, f: Float[Array, "n K *f"]) -> Float[Array, "n *f"]:
        """Σ_j f_ji: what the others hold of an atom; the adjoint of `sent`."""
        return returned(f, self.index, self.real, self.reverse)


class AtomsSeen(NamedTuple):
    """What the energies of some atoms are a function of: vectors r_ij, the table of their places, and species."""

    r: Float[Array, "n K 3"]
    table: NeighborTable
    species: Int[Array, " n"]


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
    """The pairs in rows of at most `columns`; `overflow` where an atom has more, or pairs or reverses are missing."""
    count = jnp.bincount(pairs.i, length=n + 1)
    column = jnp.arange(len(pairs.i)) - (jnp.cumsum(count) - count)[pairs.i]
    place = (jnp.where(pairs.i < n, pairs.i, n), column)
    put = lambda table, value: table.at[place].set(value, mode="drop")  # noqa: E731
    index = put(jnp.tile(jnp.arange(n)[:, None], (1, columns)), pairs.j)
    shift = put(jnp.zeros((n, columns, 3), pairs.shift.dtype), pairs.shift)
    real = put(jnp.zeros((n, columns), bool), jnp.ones((), bool))
    reverse = put(jnp.arange(n * columns).reshape(n, columns), (pairs.i * columns + column)[pairs.reverse])
    met = index.reshape(-1)[jnp.clip(reverse, 0, n * columns - 1)] == jnp.arange(n)[:, None]
    alone = jnp.any(real & ~met)  # a pair without its reverse would mix up all that follow
    return NeighborTable(index, shift, real, reverse, pairs.overflow | (jnp.max(count[:n]) > columns) | alone)


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


class Uncertainty(NamedTuple):
    """Standard errors of what a potential says of one set of atoms."""

    forces: Float[Array, " n"]  # of a component of the force of each atom
    energy: Float[Array, ""]  # of the energy of all, divided by their number


class AbstractUncertainPotential(AbstractInteratomic):
    """A potential that knows how far off it may be.

    Law: uncertainties are unchanged by rotations, reflections, translations and exchange of like atoms.
    """

    known: eqx.AbstractVar[Float[Array, ""]]  # uncertainty of forces up to which it was held against labels; 0: never

    @abstractmethod
    def vector_forces(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> tuple[Float[Array, " n"], Float[Array, "n K 3"]]:
        """What `vector_forces` gives of its energies, the cheapest way."""

    @abstractmethod
    def with_uncertainty(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> tuple[Forces, Uncertainty]:
        """What `forces` gives, and its standard errors."""


def vector_forces(
    atom_energies: Callable[..., Float[Array, " n"]], r: Float[Array, "n K 3"], neighbors: NeighborTable,
    species: Int[Array, " n"],
) -> tuple[Float[Array, " n"], Float[Array, "n K 3"]]:  # fmt: skip
    """E_i, and f_ij = ∂E/∂r_ij, 0 at empty places; `atom_energies` as of `AbstractInteratomic`.

    Products of matrices have the full precision of their numbers, on a GPU too.
    """

    def total(r):
        with jax.default_matmul_precision("highest"):
            energies = atom_energies(r, neighbors, species)
        return jnp.sum(energies), energies

    (_, energies), f = jax.value_and_grad(total, has_aux=True)(r)
    return energies, masked(f, neighbors.real)


def forces(
    atom_energies: Callable[..., Float[Array, " n"]], r: Float[Array, "n K 3"], neighbors: NeighborTable,
    species: Int[Array, " n"],
) -> Forces:  # fmt: skip
    """Energies, and by one differentiation forces and virials.  Law: Σ F = 0; Σ x × F = 0 in the open."""
    energies, f = vector_forces(atom_energies, r, neighbors, species)
    pull = jnp.sum(f, axis=1) - neighbors.returned(f)
    return Forces(energies, pull, jnp.einsum("nka,nkb->nab", f, r))


def species_of(numbers: Int[np.ndarray, " n"], known: tuple[int, ...]) -> Int[np.ndarray, " n"]:
    """Place of every atomic number among the known ones.  Raises ValueError naming one that is not."""
    place = {number: k for k, number in enumerate(known)}
    missing = sorted(set(np.asarray(numbers).tolist()) - set(known))
    if missing:
        raise ValueError(f"Atomic numbers {missing} are none of {list(known)}.")
    return np.asarray([place[z] for z in np.asarray(numbers).tolist()], int)
