# SPDX-License-Identifier: Apache-2.0
"""The mean of several networks, and by how much they differ: the error that training leaves open."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.systems.particle.interatomic import (
    AbstractInteratomic,
    AbstractUncertainPotential,
    Forces,
    NeighborTable,
    Uncertainty,
    forces,
    vector_forces,
)  # fmt: skip

__all__ = ["CommitteePotential", "forces_spread"]


class CommitteePotential(AbstractUncertainPotential):
    """E_i = (1/M) Σ_m E_im;  σ_i = c_F √(Σ_m |F_im - F_i|² / 3(M - 1)),  σ_E = c_E √(Σ_m (E_m - E)² / (M - 1)) / n.

    M networks of one shape from different random starts; forces are those of the mean, so that they have an energy.
    The factors c make the spread a standard error, as measured on held-out frames.
    Law: E and σ are unchanged by rotations, reflections, translations and exchange of like atoms.  Unit: eV, Å.
    Cost: that of M networks, with uncertainties or without.  Ref: Schran et al. 2020, doi:10.1063/5.0016004, on
    committees; Musil et al. 2019, doi:10.1021/acs.jctc.8b00959, on their calibration.
    """

    members: AbstractInteratomic  # a `ScaledPotential` whose arrays have a leading axis, one row a member
    forces_factor: Float[Array, ""]
    energy_factor: Float[Array, ""]
    known: Float[Array, ""]  # eV/Å
    shared: bool = eqx.field(static=True)

    def __init__(
        self, members: Any, forces_factor: Any = 1.0, energy_factor: Any = 1.0, known: Any = 0.0, *,
        shared: bool = False,
    ):  # fmt: skip
        """`known`: what 99 % of the atoms of held-out frames have at most, 0 where there were none.

        `shared`: members have most of their work in common, such as moments of neighbors, and are best side by side.
        """
        self.members, self.shared = members, shared
        number = lambda a: jnp.asarray(a, jnp.float32)  # noqa: E731
        self.forces_factor, self.energy_factor = number(forces_factor), number(energy_factor)
        self.known = number(known)

    @property
    def cutoff(self) -> float:
        return self.members.cutoff

    @property
    def numbers(self) -> tuple[int, ...]:
        return self.members.numbers

    @property
    def nearest(self) -> Float[Array, ""]:
        """Å, of two atoms in the training."""
        return jnp.min(self.members.nearest)  # pyright: ignore[reportAttributeAccessIssue]

    @property
    def coordination(self) -> Float[Array, ""] | None:
        """Least of an atom in the training."""
        known = getattr(self.members, "coordination", None)
        return None if known is None else jnp.min(known)

    @property
    def count(self) -> int:
        """M."""
        return jax.tree.leaves(self.members)[0].shape[0]

    def each(self, work: Callable[[Any], Any], *, shared: bool = False) -> Any:
        """work(member) of every member, stacked: one after another on a CPU, where batched products are slow, and
        without what derivatives would keep of all of them; side by side elsewhere, and where work is shared.
        """
        arrays, static = eqx.partition(self.members, eqx.is_array)
        one = lambda own: work(eqx.combine(own, static))  # noqa: E731
        if shared or jax.default_backend() != "cpu":
            return jax.vmap(one)(arrays)
        return jax.lax.map(jax.checkpoint(one), arrays)

    def relative(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """Energies without those of atoms alone."""
        return jnp.mean(self.each(lambda member: member.relative(r, neighbors, species), shared=self.shared), axis=0)

    def atom_energies(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        of_member = lambda member: member.atom_energies(r, neighbors, species)  # noqa: E731
        return jnp.mean(self.each(of_member, shared=self.shared), axis=0)

    def vector_forces(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> tuple[Float[Array, " n"], Float[Array, "n K 3"]]:
        """Of each member alone where they share nothing: a third of what the derivative of their mean costs."""
        if self.shared:
            return vector_forces(self.atom_energies, r, neighbors, species)
        energies, f = self.each(lambda member: vector_forces(member.atom_energies, r, neighbors, species))
        return jnp.mean(energies, axis=0), jnp.mean(f, axis=0)

    def with_uncertainty(
        self, r: Float[Array, "n K 3"], neighbors: NeighborTable, species: Int[Array, " n"]
    ) -> tuple[Forces, Uncertainty]:
        found = self.each(lambda member: forces(member.atom_energies, r, neighbors, species))
        of_all = jnp.sum(found.energies - jnp.mean(found.energies, axis=0, keepdims=True), axis=1)
        spread = jnp.std(of_all, ddof=1) / len(species)
        sigma = self.forces_factor.astype(r.dtype) * forces_spread(found.forces)
        mean = Forces(*(jnp.mean(a, axis=0) for a in found))
        return mean, Uncertainty(sigma, (self.energy_factor.astype(spread.dtype) * spread).astype(r.dtype))


def forces_spread(members: Float[Array, "M *n 3"]) -> Float[Array, "*n"]:
    """√(Σ_m |F_m - F|² / 3(M - 1)), F the mean of M: the standard deviation of a component, the same in every frame."""
    off = members - jnp.mean(members, axis=0, keepdims=True)
    return jnp.sqrt(jnp.sum(off * off, axis=(0, -1)) / (3 * (len(members) - 1)))
