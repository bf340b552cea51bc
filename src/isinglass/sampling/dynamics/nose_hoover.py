# SPDX-License-Identifier: Apache-2.0
"""Dynamics at a temperature without noise: a chain of Nosé-Hoover thermostats."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.exact.particle.metal_units import BOLTZMANN, FEMTOSECOND
from isinglass.sampling.dynamics.motion import AbstractDynamics, AtomicMotion, PotentialField, StepInfo, kinetic_energy
from isinglass.sampling.dynamics.velocity_verlet import drifted, kicked, with_field

__all__ = ["ChainBath", "NoseHooverChain"]

YOSHIDA = (1 / (2 - 2 ** (1 / 3)), 1 - 2 / (2 - 2 ** (1 / 3)), 1 / (2 - 2 ** (1 / 3)))  # order 4


class ChainBath(NamedTuple):
    """State of the chain."""

    position: Float[Array, " links"]  # ξ
    velocity: Float[Array, " links"]


class NoseHooverChain(AbstractDynamics):
    """dp/dt = F - ξ̇_1 p; Q_1 ξ̈_1 = 2K - N k_B T - Q_1 ξ̇_1 ξ̇_2; Q_k ξ̈_k = Q_(k-1) ξ̇²_(k-1) - k_B T - Q_k ξ̇_k ξ̇_(k+1).

    Q_1 = N k_B T τ², Q_k = k_B T τ², τ = period / 2π; N degrees of freedom: the momentum, and in open space the angular
    momentum, are at rest.  Law: E + K + Σ Q ξ̇²/2 + k_B T (N ξ_1 + Σ_(k>1) ξ_k) is constant; K ~ Gamma(N/2, k_B T)
    if the motion is ergodic, as that of a harmonic crystal hardly is: prefer Langevin there.
    Ref: Martyna, Klein and Tuckerman 1992, doi:10.1063/1.463940; splitting: Martyna et al. 1996,
    doi:10.1080/00268979600100761.
    """

    temperature: float  # K
    freedom: int = eqx.field(static=True)  # N
    time_step: float = 1.0  # fs
    period: float = 100.0  # fs
    links: int = eqx.field(static=True, default=3)

    @property
    def inertia(self) -> Float[np.ndarray, " links"]:
        """Q in eV times the square of the unit of time."""
        tau = self.period * FEMTOSECOND / (2 * np.pi)
        count = np.ones(self.links)
        count[0] = self.freedom
        return count * BOLTZMANN * self.temperature * tau**2

    def begun(self, motion: AtomicMotion, masses: Float[Array, " n"]) -> AtomicMotion:
        """A chain at rest."""
        rest = jnp.zeros(self.links, motion.x.dtype)
        return motion._replace(bath=ChainBath(rest, rest), heat=-self.energy(ChainBath(rest, rest)))

    def energy(self, bath: ChainBath) -> Float[Array, ""]:
        """What the chain holds."""
        Q = jnp.asarray(self.inertia, bath.velocity.dtype)
        potential = self.freedom * bath.position[0] + jnp.sum(bath.position[1:])
        return jnp.sum(Q * bath.velocity**2) / 2 + BOLTZMANN * self.temperature * potential

    def step(
        self, key, motion: AtomicMotion, masses: Float[Array, " n"], field: PotentialField
    ) -> tuple[AtomicMotion, StepInfo]:
        """One force evaluation, between two half steps of the chain; no use of the key."""
        motion = self.thermostatted(motion, masses)
        motion = with_field(drifted(kicked(motion, masses, self.dt / 2), self.dt), field)
        motion = self.thermostatted(kicked(motion, masses, self.dt / 2), masses)
        return motion._replace(heat=-self.energy(motion.bath)), StepInfo(kinetic_energy(motion.v, masses))

    def thermostatted(self, motion: AtomicMotion, masses: Float[Array, " n"]) -> AtomicMotion:
        """Half a step of the chain, which scales all velocities by one factor."""
        K, scale = kinetic_energy(motion.v, masses), jnp.ones_like(motion.energy)
        position, velocity = motion.bath
        for weight in YOSHIDA:
            part = weight * self.dt / 2
            velocity = self.pushed(velocity, K * scale**2, part, reversed(range(self.links)))
            scale = scale * jnp.exp(-velocity[0] * part)
            position = position + velocity * part
            velocity = self.pushed(velocity, K * scale**2, part, range(self.links))
        return motion._replace(v=motion.v * scale, bath=ChainBath(position, velocity))

    def pushed(
        self, velocity: Float[Array, " links"], K: Float[Array, ""], time: float, order
    ) -> Float[Array, " links"]:
        """Half of `time` of what pushes the links, one after another: friction by the next link around each push."""
        Q, kT = jnp.asarray(self.inertia, velocity.dtype), BOLTZMANN * self.temperature
        for k in order:
            last = k == self.links - 1
            drag = jnp.ones_like(K) if last else jnp.exp(-velocity[k + 1] * time / 4)
            above = 2 * K - self.freedom * kT if k == 0 else Q[k - 1] * velocity[k - 1] ** 2 - kT
            velocity = velocity.at[k].set((velocity[k] * drag + above / Q[k] * time / 2) * drag)
        return velocity
