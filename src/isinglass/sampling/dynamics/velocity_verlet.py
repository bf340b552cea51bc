# SPDX-License-Identifier: Apache-2.0
"""Newton's equations at constant energy by velocity Verlet."""

from jaxtyping import Array, Float

from isinglass.sampling.dynamics.motion import AbstractDynamics, AtomicMotion, PotentialField, StepInfo, kinetic_energy

__all__ = ["VelocityVerlet", "drifted", "kicked", "with_field"]


class VelocityVerlet(AbstractDynamics):
    """v += F dt/2m; x += v dt; F = F(x); v += F dt/2m.  Order 2, symplectic, reversible.

    Law: energy is constant up to O(dt²) without drift, Σ m v exactly.
    Ref: Swope et al. 1982, doi:10.1063/1.442716.
    """

    time_step: float = 1.0  # fs

    def begun(self, motion: AtomicMotion, masses: Float[Array, " n"]) -> AtomicMotion:
        """Nothing to keep."""
        return motion

    def step(
        self, key, motion: AtomicMotion, masses: Float[Array, " n"], field: PotentialField
    ) -> tuple[AtomicMotion, StepInfo]:
        """One force evaluation; no use of the key."""
        motion = kicked(motion, masses, self.dt / 2)
        motion = with_field(drifted(motion, self.dt), field)
        motion = kicked(motion, masses, self.dt / 2)
        return motion, StepInfo(kinetic_energy(motion.v, masses))


def kicked(motion: AtomicMotion, masses: Float[Array, " n"], time: float) -> AtomicMotion:
    """v += F t/m."""
    return motion._replace(v=motion.v + motion.forces * (time / masses)[:, None])


def drifted(motion: AtomicMotion, time: float) -> AtomicMotion:
    """x += v t."""
    return motion._replace(x=motion.x + motion.v * time)


def with_field(motion: AtomicMotion, field: PotentialField) -> AtomicMotion:
    """Energy, forces and strain derivative at the positions."""
    found = field(motion.x, motion.cell)
    return motion._replace(energy=found.energy, forces=found.forces, strain=found.strain)
