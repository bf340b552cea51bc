# SPDX-License-Identifier: Apache-2.0
"""What moves: positions, velocities, a cell, the forces that were last computed; and what every integrator is."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.exact.particle.metal_units import BOLTZMANN, FEMTOSECOND

__all__ = ["AbstractDynamics", "AtomicMotion", "PotentialField", "PotentialValue", "StepInfo", "kinetic_energy",
           "thermal_velocities"]  # fmt: skip


class PotentialValue(NamedTuple):
    """The potential at a configuration."""

    energy: Float[Array, ""]
    forces: Float[Array, "n 3"]
    strain: Float[Array, "3 3"]  # dE/dε


PotentialField = Callable[[Float[Array, "n 3"], Float[Array, "3 3"]], PotentialValue]  # of positions and cell


class AtomicMotion(NamedTuple):
    """State: unit Å, amu, eV and the time that belongs to them, `exact/particle/metal_units.py`."""

    x: Float[Array, "n 3"]  # never folded into the cell, so that displacements are differences
    v: Float[Array, "n 3"]
    cell: Float[Array, "3 3"]
    energy: Float[Array, ""]  # potential
    forces: Float[Array, "n 3"]
    strain: Float[Array, "3 3"]  # dE/dε
    heat: Float[Array, ""]  # energy that the bath has given: energy + kinetic energy - heat is conserved
    bath: Any  # what the bath or the barostat keeps


class StepInfo(NamedTuple):
    """Diagnostics of a step."""

    kinetic: Float[Array, ""]  # the kinetic energy that the law of the temperature is for
    tried: Float[Array, ""] | np.ndarray = np.zeros(())  # 1 where another cell was tried
    accepted: Float[Array, ""] | np.ndarray = np.zeros(())  # 1 where it was accepted


class AbstractDynamics(eqx.Module):
    """An integrator.  Law: in the limit of short steps energy + kinetic energy - heat is constant.

    Fields that end the docstring's equation are in units of people: fs, K, GPa.
    """

    time_step: eqx.AbstractVar[float]  # fs

    @property
    def dt(self) -> float:
        """The step in Å √(amu/eV)."""
        return self.time_step * FEMTOSECOND

    @abstractmethod
    def begun(self, motion: AtomicMotion, masses: Float[Array, " n"]) -> AtomicMotion:
        """The state with a bath that has given nothing yet."""

    @abstractmethod
    def step(
        self, key, motion: AtomicMotion, masses: Float[Array, " n"], field: PotentialField
    ) -> tuple[AtomicMotion, StepInfo]:
        """One step of `time_step`; the key is of this step alone."""

    def spare_strain(self, motion: AtomicMotion) -> float | Float[Array, ""]:
        """How far the cell may be strained within a step, before neighbors are looked at again."""
        return 0.0


def kinetic_energy(v: Float[Array, "n 3"], masses: Float[Array, " n"]) -> Float[Array, ""]:
    """½ Σ m v²."""
    return jnp.sum(masses[:, None] * v * v) / 2


def thermal_velocities(key, masses: Float[Array, " n"], temperature: float | Float[Array, ""]) -> Float[Array, "n 3"]:
    """v ~ N(0, k_B T / m): Maxwell's law, in Å/√(amu Å²/eV)."""
    noise = jax.random.normal(key, (len(masses), 3), masses.dtype)
    return noise * jnp.sqrt(BOLTZMANN * temperature / masses)[:, None]
