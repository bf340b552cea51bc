# SPDX-License-Identifier: Apache-2.0
"""What a system can do.  Methods ask for one of these protocols, never for a class such as Ising."""

import math
from abc import abstractmethod
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable
from isinglass.systems.graph import Graph

__all__ = ["AbstractLatticeSystem", "AbstractPairSystem", "AbstractSystem", "at_temperatures", "over_temperature"]


class AbstractSystem(eqx.Module):
    """A distribution exp(-beta E(x)) / Z.  Natural units: k_B = 1, so that beta = 1 / T."""

    beta: eqx.AbstractVar[Float[Array, ""]]  # inverse temperature
    variable: eqx.AbstractVar[AbstractVariable]  # what a variable is: Spins, Levels, Angles or Reals
    symmetries: eqx.AbstractVar[tuple[AbstractSymmetry, ...]]  # what leaves E invariant
    variables_per_site: ClassVar[int] = 1  # 2 where the variables are on the links of a square lattice

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one configuration."""

    @property
    def n_sites(self) -> int:
        """N, by which energies per site are divided: sites, vertices, or coordinates of particles."""
        return math.prod(self.shape) // self.variables_per_site

    def has(self, *kinds: type[AbstractSymmetry]) -> bool:
        """Does it declare a symmetry of each of these kinds?"""
        return all(any(isinstance(symmetry, kind) for symmetry in self.symmetries) for kind in kinds)

    @abstractmethod
    def energy(self, x: Shaped[Array, "*site"], /) -> Float[Array, ""]:
        """E(x)."""

    @abstractmethod
    def random_configuration(self, key, /) -> Shaped[Array, "*site"]:
        """A configuration at infinite temperature, beta = 0."""

    @abstractmethod
    def order_parameter(self, x: Shaped[Array, "*site"], /) -> Float[Array, ""]:
        """The quantity per site that is nonzero in the ordered phase, for a person to look at."""

    @abstractmethod
    def exact_energy(self, temperature: Float[np.ndarray, " T"], /) -> Float[np.ndarray, " T"] | None:
        """Mean energy per lattice site (vertex) on this very lattice, where `exact` knows it."""

    def log_weight(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Log of the unnormalised probability, -beta E(x), in the precision of E."""
        E = self.energy(x)
        return -self.beta.astype(E.dtype) * E


class AbstractLatticeSystem(AbstractSystem):
    """Variables on a lattice that may be changed one at a time."""

    # Variables of one color do not interact, so they may move at once; filled up with N, which is no variable.
    colors: eqx.AbstractVar[Int[Any, "colors sites_per_color"]]

    @abstractmethod
    def energy_changes(
        self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """E(x with x_i replaced by y_i) - E(x) for each i in `sites` alone."""

    @abstractmethod
    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """New values for single variables, as likely to lead from x to y as from y to x."""


class AbstractPairSystem(AbstractLatticeSystem):
    """E(x) = Σ_<ij> J_ij e(x_i, x_j) + Σ_i v(x_i) on a graph."""

    graph: eqx.AbstractVar[Graph]
    J: eqx.AbstractVar[Float[Array, "*bonds"]]  # one coupling, or one per bond

    @abstractmethod
    def pair_energy(self, a: Shaped[Array, "*n"], b: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """e(a, b), the energy of a bond in units of its coupling."""

    @abstractmethod
    def site_energy(self, a: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """v(a), the energy of a variable by itself."""

    @abstractmethod
    def reflect(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R x for a random involution R that acts on each variable.  Law: e(R a, R b) = e(a, b), R R = 1."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one configuration."""
        return self.graph.shape

    @property
    def colors(self) -> Int[Any, "colors sites_per_color"]:
        """Sites of one color share no bond."""
        return self.graph.colors

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x) = Σ_<ij> J_ij e(x_i, x_j) + Σ_i v(x_i); shift by shift on regular lattices: a fast gradient."""
        alone = jnp.sum(self.site_energy(x))
        if not self.graph.offsets:
            return weighted(self.J, self.pair_energy(*self.graph.ends(x))) + alone
        shifted = self.graph.neighbors_of(x)
        J = self.J.reshape(len(shifted), *self.shape) if self.J.ndim else [self.J] * len(shifted)
        return sum((weighted(J[k], self.pair_energy(x, y)) for k, y in enumerate(shifted)), alone)

    def energy_changes(
        self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """Σ_j J_ij [e(y_i, x_j) - e(x_i, x_j)] + v(y_i) - v(x_i), over the neighbors j of i.  Cost: n z."""
        x = x.reshape(-1)
        neighbors = jnp.asarray(self.graph.neighbors)[sites]
        x_i, y_i, x_j = x[sites][:, None], y[:, None], x.at[neighbors].get(mode="clip")
        before, after = (self.pair_energy(*jnp.broadcast_arrays(a, x_j)) for a in (x_i, y_i))
        return (
            jnp.sum(self.neighbor_couplings[sites] * (after - before), axis=1)
            + self.site_energy(y)
            - self.site_energy(x[sites])
        )

    @property
    def neighbor_couplings(self) -> Float[Array, "N z"]:
        """J_ij for each entry of the neighbor table, 0 where the entry is filling."""
        J = jnp.append(jnp.broadcast_to(self.J, (self.graph.n_bonds,)), 0.0)
        return J[jnp.asarray(self.graph.neighbor_bonds)]


def weighted(J: Float[Array, "*bonds"], e: Float[Array, "*n"]) -> Float[Array, ""]:
    """Σ J e in the precision of e."""
    return jnp.sum(J.astype(e.dtype) * e)


def at_temperatures(system: AbstractSystem, temperature: Float[Array | np.ndarray, " T"]) -> AbstractSystem:
    """The same system at several temperatures: beta becomes an array [T]."""
    return eqx.tree_at(lambda s: s.beta, system, 1.0 / jnp.asarray(temperature, float))


def over_temperature(system: AbstractSystem) -> AbstractSystem:
    """The `in_axes` of `jax.vmap` that maps over beta and nothing else."""
    return eqx.tree_at(lambda s: s.beta, jax.tree.map(lambda _: None, system), 0, is_leaf=lambda leaf: leaf is None)


def positive(name: str, value: Any) -> Float[np.ndarray, "..."]:
    """A temperature that is none is refused where the user enters."""
    array = np.asarray(value, float)
    if not (np.isfinite(array).all() and (array > 0).all()):
        raise ValueError(f"Expected a positive, finite {name}, got {value}; in units J = k_B = 1 try 0.5 to 5.")
    return array
