# SPDX-License-Identifier: Apache-2.0
"""Multispin Metropolis as an ensemble: for systems of spins ±1 with couplings ±J."""

from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int8, Shaped

from isinglass.errors import InputError
from isinglass.sampling.chain.sampler import AbstractEnsemble
from isinglass.sampling.ensemble.color_table import ColorTable, color_table
from isinglass.sampling.ensemble.multispin import Multispin, MultispinState
from isinglass.symmetry.variable import Spins
from isinglass.systems.system import AbstractPairSystem, AbstractSystem

__all__ = ["PackedMetropolis", "PackedTemperatures", "can_be_packed"]

DIGITS = 24  # of acceptances, where a word holds several temperatures


def can_be_packed(system: AbstractSystem) -> bool:
    """Whether a system has spins ±1, e(a, b) = -a b, no field, one |J| on all bonds, z neighbors at all sites."""
    if not isinstance(system, AbstractPairSystem) or system.variable != Spins():
        return False
    a, b = jnp.array([1, 1, -1], jnp.int8), jnp.array([1, -1, -1], jnp.int8)
    pairs, alone = (np.asarray(e) for e in (system.pair_energy(a, b), system.site_energy(a)))
    J = np.abs(np.asarray(system.J))
    return bool(
        (pairs == [-1, 1, -1]).all()
        and (alone == 0).all()
        and J.min() > 0
        and np.isclose(J.min(), J.max(), rtol=1e-12)
        and np.max(system.graph.neighbors) < system.graph.n_sites
    )


def packed_table(system: AbstractPairSystem) -> tuple[ColorTable, Float[Array, ""]]:
    """The neighbor table of the system by color, and |J|.  Errors: ValueError where it cannot be packed."""
    if not can_be_packed(system):
        raise ValueError("Packed Metropolis needs spins ±1 with couplings of one size and no field; use metropolis.")
    J = np.asarray(system.neighbor_couplings)
    negative = J < 0 if (J < 0).any() else None
    table = color_table(np.asarray(system.graph.neighbors), np.asarray(system.graph.colors), negative)
    return table, jnp.asarray(np.abs(J[0, 0]))


class PackedMetropolis(AbstractEnsemble):
    """32 chains to a machine word; the chains at each temperature are padded to a multiple of 32."""

    part: ClassVar[bool] = True
    kernel: Multispin
    table: ColorTable
    J: Float[Array, ""]  # |J_ij|, the same for all bonds
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, system: AbstractPairSystem, kernel: Multispin | None = None):
        """Errors: ValueError for a system that cannot be packed."""
        self.kernel = Multispin() if kernel is None else kernel
        self.table, self.J = packed_table(system)
        self.shape = system.shape

    def init(self, key, x: Int8[Array, "T R *site"], system: AbstractSystem) -> MultispinState:
        """The packed state of the chains: 32 spins ±1 to a word."""
        return self.kernel.init(key, x.reshape(*x.shape[:2], -1), self.table)

    def step(self, key, state: MultispinState, system: AbstractSystem) -> tuple[MultispinState, None]:
        """One sweep.  The random numbers come from the state, which counts its sweeps."""
        return self.kernel.step(state, system.beta * self.J, self.table, 1), None

    def configurations(self, state: MultispinState) -> Shaped[Array, "T R *site"]:
        """The spins ±1 of all chains, [T, R, *site]."""
        spins = self.kernel.configurations(state, self.table)
        return spins.reshape(*spins.shape[:2], *self.shape)


class PackedTemperatures(AbstractEnsemble):
    """One chain at each temperature, 32 temperatures to a machine word: for scans of hundreds of temperatures.

    Law: acceptances are too small by less than 2^-24; the chains are independent.
    """

    part: ClassVar[bool] = True
    kernel: Multispin
    table: ColorTable
    J: Float[Array, ""]  # |J_ij|, the same for all bonds
    temperatures: int = eqx.field(static=True)
    shape: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, system: AbstractPairSystem, temperatures: int):
        """Errors: ValueError for a system that cannot be packed."""
        self.kernel = Multispin(DIGITS)
        self.table, self.J = packed_table(system)
        self.temperatures, self.shape = temperatures, system.shape

    def init(self, key, x: Int8[Array, "T R *site"], system: AbstractSystem) -> MultispinState:
        """The packed state of the chains.  Errors: InputError for several chains at one temperature."""
        if x.shape[:2] != (self.temperatures, 1):
            expected = f"one chain at each of {self.temperatures} temperatures"
            raise InputError(expected, f"{x.shape[1]} at each of {x.shape[0]}", "use method='metropolis'")
        return self.kernel.init(key, x.reshape(1, len(x), -1), self.table)

    def step(self, key, state: MultispinState, system: AbstractSystem) -> tuple[MultispinState, None]:
        """One sweep.  The random numbers come from the state, which counts its sweeps."""
        replica = np.arange(32 * state.spins.shape[2]) % self.temperatures  # padded as the spins are
        beta_J = (system.beta * self.J)[replica].reshape(1, -1, 32)
        return self.kernel.step(state, beta_J, self.table, 1), None

    def configurations(self, state: MultispinState) -> Shaped[Array, "T 1 *site"]:
        """The spins ±1 of all chains."""
        spins = self.kernel.configurations(state, self.table)[0, : self.temperatures]
        return spins.reshape(-1, 1, *self.shape)
