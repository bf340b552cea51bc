# SPDX-License-Identifier: Apache-2.0
"""Dynamics at a temperature and a pressure: Langevin dynamics, and trials of the whole cell by Metropolis' rule."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.particle.metal_units import BOLTZMANN, GIGAPASCAL
from isinglass.sampling.dynamics.langevin_bath import LangevinBath
from isinglass.sampling.dynamics.motion import AbstractDynamics, AtomicMotion, PotentialField, StepInfo

__all__ = ["ConstantPressure", "strained"]


class ConstantPressure(AbstractDynamics):
    """Langevin dynamics; every `interval` steps x, H → x e^ε, H e^ε with probability min(1, w), ε = εᵀ uniform:

        ln w = -(ΔE + P ΔV) / k_B T + (n + 1) ln(V'/V)

    All six numbers of ε are tried at once, or with `shape='isotropic'` the volume alone.
    Why by trials: exact at any size of the trial, no mass of a piston to choose, no resonance with phonons, and no
    virial is needed, so that a wrong one cannot enter.  A piston (Martyna, Tobias and Klein 1994) has the same law.
    Law: the density Vⁿ e^(-(E + P V)/k_B T), so that <n k_B T 1 - dE/dε> = (P <V> - k_B T) 1.
    Refs: McDonald 1972, doi:10.1080/00268977200100031; full cell: Najafabadi and Yip 1983,
    doi:10.1016/0036-9748(83)90283-1.
    """

    bath: LangevinBath
    pressure: float = 0.0  # GPa
    width: float = 0.005  # largest |ε_ab|
    interval: int = eqx.field(static=True, default=10)
    shape: str = eqx.field(static=True, default="full")

    @property
    def time_step(self) -> float:
        """That of the dynamics, fs."""
        return self.bath.time_step

    def begun(self, motion: AtomicMotion, masses: Float[Array, " n"]) -> AtomicMotion:
        """The number of steps so far."""
        return self.bath.begun(motion, masses)._replace(bath=jnp.zeros((), int))

    def spare_strain(self, motion: AtomicMotion) -> float | Float[Array, ""]:
        """No trial is longer: |ε| ≤ 3 max |ε_ab|, and e^-3w > 1 - 3w."""
        return 3 * self.width

    def step(
        self, key, motion: AtomicMotion, masses: Float[Array, " n"], field: PotentialField
    ) -> tuple[AtomicMotion, StepInfo]:
        """One force evaluation, with a trial two."""
        key_move, key_try = jax.random.split(key)
        count = motion.bath + 1
        motion, info = self.bath.step(key_move, motion, masses, field)
        due = count % self.interval == 0
        motion, accepted = jax.lax.cond(
            due, lambda: self.tried(key_try, motion, field), lambda: (motion, jnp.zeros_like(motion.energy))
        )
        return motion._replace(bath=count), info._replace(tried=jnp.where(due, 1.0, 0.0), accepted=accepted)

    def tried(self, key, motion: AtomicMotion, field: PotentialField) -> tuple[AtomicMotion, Float[Array, ""]]:
        """A trial of the cell: the motion after it, and 1 where it was accepted."""
        key_strain, key_accept = jax.random.split(key)
        moved, log_ratio = strained(motion.x, motion.cell, self.strain(key_strain, motion.x.dtype))
        found, kT = field(*moved), BOLTZMANN * self.bath.temperature
        volume = jnp.abs(jnp.linalg.det(motion.cell))
        work = found.energy - motion.energy + self.pressure * GIGAPASCAL * volume * jnp.expm1(log_ratio)
        log_w = -work / kT + (len(motion.x) + 1) * log_ratio
        accepted = jnp.log(jax.random.uniform(key_accept, (), motion.x.dtype)) < log_w
        new = motion._replace(x=moved[0], cell=moved[1], energy=found.energy, forces=found.forces, strain=found.strain,
                              heat=motion.heat + found.energy - motion.energy)  # fmt: skip
        return jax.tree.map(lambda a, b: jnp.where(accepted, a, b), new, motion), jnp.where(accepted, 1.0, 0.0)

    def strain(self, key, dtype) -> Float[Array, "3 3"]:
        """A symmetric ε, as likely as -ε."""
        if self.shape == "isotropic":
            return self.width * jax.random.uniform(key, (), dtype, -1, 1) * jnp.eye(3, dtype=dtype)
        a = jax.random.uniform(key, (6,), dtype, -1, 1) * self.width
        return a[jnp.array([[0, 5, 4], [5, 1, 3], [4, 3, 2]])]


def strained(
    x: Float[Array, "n 3"], cell: Float[Array, "3 3"], strain: Float[Array, "3 3"]
) -> tuple[tuple[Float[Array, "n 3"], Float[Array, "3 3"]], Float[Array, ""]]:
    """x e^ε, H e^ε, and ln(V'/V) = tr ε."""
    stretch = jax.scipy.linalg.expm(strain)
    return (x @ stretch, cell @ stretch), jnp.trace(strain)
