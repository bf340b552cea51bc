# SPDX-License-Identifier: Apache-2.0
"""Bodies in a plane that attract each other: Kepler's problem, two bodies, three bodies."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.errors import InputError
from isinglass.exact.mechanics import kepler, three_bodies
from isinglass.systems.mechanics.mechanics import AbstractMechanics

__all__ = ["GravitatingBodies", "KeplerProblem"]


class KeplerProblem(AbstractMechanics):
    """H = p²/2 - 1/|q| in the plane.  Law: E, L and the direction of the perihelion are conserved; period 2π at a = 1.

    Random states: on ellipses of a = 1 in all directions, with e uniform from 0 to `eccentricity`.
    """

    eccentricity: float = 0.5

    def __check_init__(self):
        if not 0 <= self.eccentricity < 1:
            raise InputError("an eccentricity from 0 to below 1", f"{self.eccentricity}", "try eccentricity=0.5")

    @property
    def degrees(self) -> int:
        return 2

    @property
    def time_scale(self) -> float:
        return kepler.period(1.0)

    def hamiltonian(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        q, p = jnp.split(y, 2)
        return (p**2).sum() / 2 - 1 / jnp.sqrt((q**2).sum())

    def random_state(self, key: Key[Array, ""]) -> Float[Array, " phase"]:
        return on_ellipse(key, self.eccentricity)


def on_ellipse(key: Key[Array, ""], most: float) -> Float[Array, " 4"]:
    """A state of Kepler's problem with a = 1: e, the direction of the perihelion and the eccentric anomaly uniform."""
    e, direction, psi = jax.random.uniform(key, (3,)) * jnp.array([most, 2 * jnp.pi, 2 * jnp.pi])
    b, rate = jnp.sqrt(1 - e**2), 1 / (1 - e * jnp.cos(psi))
    q = jnp.stack([jnp.cos(psi) - e, b * jnp.sin(psi)])
    p = jnp.stack([-jnp.sin(psi), b * jnp.cos(psi)]) * rate
    c, s = jnp.cos(direction), jnp.sin(direction)
    rotation = jnp.stack([jnp.stack([c, -s]), jnp.stack([s, c])])
    return jnp.concatenate([rotation @ q, rotation @ p])


class GravitatingBodies(AbstractMechanics):
    """H = Σ p_i²/2 - Σ_(i<j) 1/|q_i - q_j| of n = 2 or 3 bodies of mass 1 in the plane, their center at rest.

    Shape: y = (q_1, q_2, ..., p_1, ...).  Law: E, L and the total momentum are conserved.
    Random states, two bodies: on ellipses of e up to `spread`; three: near the figure eight, moved by `spread`.
    """

    n: int = eqx.field(static=True, default=2)
    spread: float = 0.3

    def __check_init__(self):
        if self.n not in (2, 3):
            raise InputError("2 or 3 bodies", f"{self.n}", "choose one of them")

    @property
    def degrees(self) -> int:
        return 2 * self.n

    @property
    def time_scale(self) -> float:
        """Of two bodies 1 apart, a reduced mass of ½; or of the figure eight."""
        return kepler.period(1.0, 2.0) if self.n == 2 else three_bodies.FIGURE_EIGHT_PERIOD

    def hamiltonian(self, y: Float[Array, " phase"]) -> Float[Array, ""]:
        q, p = y.reshape(2, self.n, 2)
        i, j = np.triu_indices(self.n, 1)
        return (p**2).sum() / 2 - (1 / jnp.sqrt(((q[i] - q[j]) ** 2).sum(axis=1))).sum()

    def random_state(self, key: Key[Array, ""]) -> Float[Array, " phase"]:
        if self.n == 2:  # r'' = -2 r/r³: velocities are √2 of those at μ = 1, and each body has half of them
            r, v = jnp.split(on_ellipse(key, self.spread), 2)
            return jnp.concatenate([r / 2, -r / 2, v / 2**0.5, -v / 2**0.5])
        near = jnp.asarray(three_bodies.figure_eight())
        noise = self.spread * jax.random.normal(key, (2, 3, 2), near.dtype)
        return near + (noise - noise.mean(axis=1, keepdims=True)).reshape(-1)
