# SPDX-License-Identifier: Apache-2.0
"""Langevin dynamics at a temperature by the splitting BAOAB."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.particle.metal_units import BOLTZMANN
from isinglass.sampling.dynamics.motion import AbstractDynamics, AtomicMotion, PotentialField, StepInfo, kinetic_energy
from isinglass.sampling.dynamics.velocity_verlet import drifted, kicked, with_field

__all__ = ["LangevinBath"]


class LangevinBath(AbstractDynamics):
    """m dv = F dt - γ m v dt + √(2 γ m k_B T) dW: half a kick, half a drift, v' = c v + √((1 - c²) k_B T/m) ξ, back.

    c = e^(-γ dt).  The kinetic energy after the noise has, in a harmonic crystal, Boltzmann's law at any stable step;
    so have the positions.
    Law: K ~ Gamma(3n/2, k_B T).  Refs: Leimkuhler and Matthews 2013, doi:10.1063/1.4802990; heat as in Bussi and
    Parrinello 2007, doi:10.1103/PhysRevE.75.056707.
    """

    temperature: float  # K
    time_step: float = 1.0  # fs
    friction: float = 1.0  # γ in 1/ps

    def begun(self, motion: AtomicMotion, masses: Float[Array, " n"]) -> AtomicMotion:
        """Nothing to keep."""
        return motion

    def step(
        self, key, motion: AtomicMotion, masses: Float[Array, " n"], field: PotentialField
    ) -> tuple[AtomicMotion, StepInfo]:
        """One force evaluation."""
        motion = drifted(kicked(motion, masses, self.dt / 2), self.dt / 2)
        before = kinetic_energy(motion.v, masses)
        motion = motion._replace(v=self.mixed(key, motion.v, masses))
        kinetic = kinetic_energy(motion.v, masses)
        motion = with_field(drifted(motion._replace(heat=motion.heat + kinetic - before), self.dt / 2), field)
        return kicked(motion, masses, self.dt / 2), StepInfo(kinetic)

    def mixed(self, key, v: Float[Array, "n 3"], masses: Float[Array, " n"]) -> Float[Array, "n 3"]:
        """The exact solution of the friction and noise over one step."""
        c = jnp.exp(jnp.asarray(-self.friction * 1e-3 * self.time_step, v.dtype))
        width = jnp.sqrt((1 - c * c) * (BOLTZMANN * self.temperature) / masses)
        return c * v + width[:, None] * jax.random.normal(key, v.shape, v.dtype)
