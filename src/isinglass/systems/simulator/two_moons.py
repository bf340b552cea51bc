# SPDX-License-Identifier: Apache-2.0
"""Two moons: a posterior of two crescents.  Lueckmann et al. 2021, arXiv:2101.04653, T.8."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["TwoMoons"]

RADIUS, THICKNESS, SHIFT = 0.1, 0.01, 0.25


class TwoMoons(AbstractSimulator):
    """x = r (cos a, sin a) + (0.25, 0) + (-|θ_1 + θ_2|, -θ_1 + θ_2)/√2.

    a uniform in (-π/2, π/2), r ~ N(0.1, 0.01²), θ uniform in [-1, 1]².
    """

    def prior(self) -> Prior:
        return make_prior(dist.Uniform(-jnp.ones(2), jnp.ones(2)))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, "2"]) -> Float[Array, "2"]:
        key_a, key_r = jax.random.split(key)
        a = jax.random.uniform(key_a, minval=-jnp.pi / 2, maxval=jnp.pi / 2)
        r = RADIUS + THICKNESS * jax.random.normal(key_r)
        along, across = jnp.abs(theta[0] + theta[1]), theta[1] - theta[0]
        return jnp.stack([r * jnp.cos(a) + SHIFT, r * jnp.sin(a)]) + jnp.stack([-along, across]) / jnp.sqrt(2.0)

    def posterior_samples(self, rng: np.random.Generator, x: np.ndarray, n: int) -> np.ndarray:
        """The point of the crescent drawn, then solved for θ: |θ_1 + θ_2| by either sign; kept within the prior."""
        found = np.empty((0, 2))
        while len(found) < n:
            a, r = rng.uniform(-np.pi / 2, np.pi / 2, n), rng.normal(RADIUS, THICKNESS, n)
            along = np.sqrt(2) * (r * np.cos(a) + SHIFT - x[0])
            across, sign = np.sqrt(2) * (x[1] - r * np.sin(a)), rng.choice([-1, 1], n)
            theta = np.stack([(sign * along - across) / 2, (sign * along + across) / 2], axis=1)
            found = np.concatenate([found, theta[(along >= 0) & (np.abs(theta) < 1).all(axis=1)]])
        return found[:n]
