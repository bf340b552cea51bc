# SPDX-License-Identifier: Apache-2.0
"""The pendulum of any amplitude."""

from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.errors import InputError
from isinglass.exact.mechanics import pendulum
from isinglass.systems.mechanics.mechanics import AbstractMechanics

__all__ = ["Pendulum"]


class Pendulum(AbstractMechanics):
    """H = p²/2 - cos θ, in units of g/l = 1 and of the mass.  Law: released at θ_0 its period is 4 K(sin θ_0/2).

    `amplitude`: the largest θ_0 of random states, below π.
    """

    angles: ClassVar[tuple[int, ...]] = (0,)

    amplitude: float = 2.5

    def __check_init__(self):
        if not 0 < self.amplitude < 3.14:
            raise InputError("an amplitude between 0 and 3.14", f"{self.amplitude}", "try amplitude=2.5")

    @property
    def degrees(self) -> int:
        return 1

    @property
    def time_scale(self) -> float:
        """T(1)."""
        return pendulum.period(1.0)

    def hamiltonian(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        return y[1] ** 2 / 2 - jnp.cos(y[0])

    def random_state(self, key: Key[Array, ""]) -> Float[Array, " phase"]:
        """Released at rest at θ_0 uniform in ±amplitude, or at that energy pushed at a place between."""
        key_amplitude, key_place, key_sign = jax.random.split(key, 3)
        top = self.amplitude * jax.random.uniform(key_amplitude, (), minval=-1.0)
        theta = top * jax.random.uniform(key_place, ())
        p = jnp.sqrt(2 * jnp.maximum(jnp.cos(theta) - jnp.cos(top), 0.0))
        return jnp.stack([theta, p * jax.random.rademacher(key_sign, (), p.dtype)])
