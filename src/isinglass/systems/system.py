# SPDX-License-Identifier: Apache-2.0
"""Abstract systems.  Methods require one of these protocols, never a concrete class such as Ising."""

import math
from abc import abstractmethod
from collections.abc import Callable
from numbers import Integral
from typing import Any, ClassVar, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int, Shaped

from isinglass.errors import InputError
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable
from isinglass.systems.graph import Graph

__all__ = [
    "AbstractLatticeSystem",
    "AbstractPairSystem",
    "AbstractSystem",
    "at_temperatures",
    "at_unit_beta",
    "over_temperature",
]


System = TypeVar("System", bound=eqx.Module)
LEAST = float(np.finfo(float).tiny)  # the inverse of less is not finite


class AbstractSystem(eqx.Module):
    """A Boltzmann distribution exp(-beta E(x)) / Z.  Natural units: k_B = 1, so that beta = 1 / T."""

    beta: eqx.AbstractVar[Float[Array, ""]]  # inverse temperature
    variable: eqx.AbstractVar[AbstractVariable]  # what a variable is: Spins, Levels, Angles or Reals
    symmetries: eqx.AbstractVar[tuple[AbstractSymmetry, ...]]  # transformations that leave E invariant
    variables_per_site: ClassVar[int] = 1  # 2 where the variables are on the links of a square lattice

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one configuration."""

    @property
    def n_sites(self) -> int:
        """N in energies per site: the number of sites, of vertices, or of coordinates of particles."""
        return math.prod(self.shape) // self.variables_per_site

    def has(self, *kinds: type[AbstractSymmetry]) -> bool:
        """Does it declare a symmetry of each of these kinds?"""
        return all(any(isinstance(symmetry, kind) for symmetry in self.symmetries) for kind in kinds)

    @abstractmethod
    def energy(self, x: Shaped[Array, "*site"], /) -> Float[Array, ""]:
        """E(x), the energy of one configuration, in the units of the temperature."""

    @abstractmethod
    def random_configuration(self, key, /) -> Shaped[Array, "*site"]:
        """A random configuration: of the distribution at beta = 0 where that is normalizable, else a starting point."""

    @abstractmethod
    def order_parameter(self, x: Shaped[Array, "*site"], /) -> Float[Array, ""]:
        """The order parameter per site, nonzero in the ordered phase, or another quantity worth monitoring."""

    @abstractmethod
    def exact_energy(self, temperature: Float[np.ndarray, " T"], /) -> Float[np.ndarray, " T"] | None:
        """<E>/N at each temperature, exact for this finite system; None where it is not known."""

    def known_modes(self) -> Float[Array, "K *site"] | None:
        """A configuration in each mode of p that is known beforehand: chains begin there too; None where none is."""
        return None

    def coordinates(self) -> dict[str, Callable[[Any, Any], Float[Array, ""]]] | None:
        """Name -> number of (system, x) that a run is to follow in place of the entries of x; None: those, if few."""
        return None

    def log_weight(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """ln w(x) = -beta E(x), the logarithm of the unnormalized probability, in the precision of E."""
        E = self.energy(x)
        return -self.beta.astype(E.dtype) * E


class AbstractLatticeSystem(AbstractSystem):
    """Variables on a lattice that can be updated one at a time."""

    # Variables of one color do not interact, so that they can be updated at once; padded with N, which is no variable.
    colors: eqx.AbstractVar[Int[Any, "colors sites_per_color"]]

    @abstractmethod
    def energy_changes(
        self, x: Shaped[Array, "*site"], y: Shaped[Array, " n"], sites: Int[Array, " n"]
    ) -> Float[Array, " n"]:
        """ΔE_i = E(x with x_i replaced by y_i) - E(x) for each i in `sites`, changed one at a time."""

    @abstractmethod
    def propose(self, key, x: Shaped[Array, " n"]) -> Shaped[Array, " n"]:
        """Proposed values y of single variables.  Law: symmetric, q(y | x) = q(x | y)."""


class AbstractPairSystem(AbstractLatticeSystem):
    """E(x) = Σ_<ij> J_ij e(x_i, x_j) + Σ_i v(x_i) on a graph."""

    graph: eqx.AbstractVar[Graph]
    J: eqx.AbstractVar[Float[Array, "*bonds"]]  # one coupling, or one per bond

    @abstractmethod
    def pair_energy(self, a: Shaped[Array, "*n"], b: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """e(a, b), the energy of a bond in units of its coupling."""

    @abstractmethod
    def site_energy(self, a: Shaped[Array, "*n"]) -> Float[Array, "*n"]:
        """v(a), the energy of one variable in the field."""

    @abstractmethod
    def reflect(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """R x for a random involution R that acts on each variable separately.  Law: e(R a, R b) = e(a, b), R R = 1."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.graph.shape

    @property
    def colors(self) -> Int[Any, "colors sites_per_color"]:
        """The sites of each color, between which there are no bonds."""
        return self.graph.colors

    def energy(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """E(x) = Σ_<ij> J_ij e(x_i, x_j) + Σ_i v(x_i); on regular lattices shift by shift, for a fast gradient."""
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
        """J_ij for each entry of the neighbor table, 0 where the entry is padding."""
        J = jnp.append(jnp.broadcast_to(self.J, (self.graph.n_bonds,)), 0.0)
        return J[jnp.asarray(self.graph.neighbor_bonds)]


def weighted(J: Float[Array, "*bonds"], e: Float[Array, "*n"]) -> Float[Array, ""]:
    """Σ_b J_b e_b over the bonds, in the precision of e."""
    return jnp.sum(J.astype(e.dtype) * e)


def at_temperatures(system: AbstractSystem, temperature: Float[Array | np.ndarray, " T"]) -> AbstractSystem:
    """The same system at several temperatures: beta becomes an array [T]."""
    return eqx.tree_at(lambda s: s.beta, system, 1.0 / jnp.asarray(temperature, float))


def at_unit_beta(system: System) -> System:
    """The same system at beta = 1, of whatever shape beta was: one compiled program serves all temperatures."""
    return eqx.tree_at(lambda s: s.beta, system, jnp.ones(()))


def over_temperature(system: AbstractSystem) -> AbstractSystem:
    """The `in_axes` of `jax.vmap` that maps over beta and nothing else."""
    return eqx.tree_at(lambda s: s.beta, jax.tree.map(lambda _: None, system), 0, is_leaf=lambda leaf: leaf is None)


def positive(name: str, value: Any) -> Float[np.ndarray, "..."]:
    """The value as a float64 array.  Errors: InputError where an entry, or its inverse, is not positive and finite."""
    array = numbers(name, value)
    if not (np.isfinite(array).all() and (array >= LEAST).all()):
        raise InputError(f"a positive, finite {name}", f"{value}", "in units J = k_B = 1 try 0.5 to 5")
    return array


def finite(name: str, value: Any) -> Any:
    """A coupling as it is.  Errors: InputError where an entry is not finite."""
    if not isinstance(value, Tracer) and not np.isfinite(numbers(name, value)).all():
        raise InputError(f"a finite {name}", f"{value}", "choose another number")
    return value


def numbers(name: str, value: Any) -> Float[np.ndarray, "..."]:
    """As a float64 array.  Errors: InputError for what holds no numbers."""
    try:
        array = np.asarray(value)
        if array.dtype.kind in "iuf" and array.size:
            return array.astype(float)
    except (TypeError, ValueError):
        pass
    raise InputError(f"{name} as a number", repr(value)[:60], "give a number")


def whole(name: str, value: Any, least: int) -> int:
    """As an int.  Errors: InputError for what is no whole number, or below the least."""
    if not isinstance(value, Integral) or isinstance(value, bool) or value < least:
        raise InputError(f"{name}, a whole number of at least {least}", repr(value)[:60], "choose another one")
    return int(value)
