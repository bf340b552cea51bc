# SPDX-License-Identifier: Apache-2.0
"""A mean seen through a wide and a narrow normal law.  Lueckmann et al. 2021, arXiv:2101.04653, T.7."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["CommonMean"]

BOUND, WIDE, NARROW = 10.0, 1.0, 0.1


class CommonMean(AbstractSimulator):
    """x ~ ½ N(θ, 1) + ½ N(θ, 0.1²) in the plane, θ uniform in [-10, 10]²."""

    def prior(self) -> Prior:
        return make_prior(dist.Uniform(-BOUND * jnp.ones(2), BOUND * jnp.ones(2)))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, "2"]) -> Float[Array, "2"]:
        key_width, key_x = jax.random.split(key)
        return theta + jnp.where(jax.random.bernoulli(key_width), WIDE, NARROW) * jax.random.normal(key_x, (2,))

    def log_likelihood(self, theta: Float[Array, "2"], x: Float[Array, "2"]) -> Float[Array, ""]:
        each = [jnp.sum(dist.Normal(theta, s).log_prob(x)) for s in (WIDE, NARROW)]  # pyright: ignore
        return jnp.logaddexp(*each) - jnp.log(2.0)

    def posterior_samples(self, rng: np.random.Generator, x: np.ndarray, n: int) -> np.ndarray:
        """θ ~ ½ N(x, 1) + ½ N(x, 0.1²) within the prior: rejection, exact since p(x given θ) is even in x - θ."""
        found = np.empty((0, 2))
        while len(found) < n:
            theta = x + np.where(rng.random((n, 1)) < 0.5, WIDE, NARROW) * rng.normal(size=(n, 2))
            found = np.concatenate([found, theta[(np.abs(theta) < BOUND).all(axis=1)]])
        return found[:n]
