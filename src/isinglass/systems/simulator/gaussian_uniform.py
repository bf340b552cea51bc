# SPDX-License-Identifier: Apache-2.0
"""Gaussian data, uniform prior: a normal posterior, cut off.  Lueckmann et al. 2021, arXiv:2101.04653, T.2."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist
from scipy.stats import truncnorm

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["GaussianUniform"]


class GaussianUniform(AbstractSimulator):
    """x_k ~ N(θ_k, σ²), θ_k uniform in [-1, 1], k = 1, ..., d; by default σ² = 0.1."""

    dimension: int = eqx.field(static=True, default=10)
    noise: float = 0.1**0.5

    def prior(self) -> Prior:
        return make_prior(dist.Uniform(-jnp.ones(self.dimension), jnp.ones(self.dimension)))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, " d"]:
        return theta + self.noise * jax.random.normal(key, theta.shape)

    def log_likelihood(self, theta: Float[Array, " d"], x: Float[Array, " d"]) -> Float[Array, ""]:
        return jnp.sum(dist.Normal(theta, self.noise).log_prob(x))  # pyright: ignore

    def posterior_samples(self, rng: np.random.Generator, x: np.ndarray, n: int) -> np.ndarray:
        """N(x, σ²) between -1 and 1."""
        low, high = (-1 - np.asarray(x)) / self.noise, (1 - np.asarray(x)) / self.noise
        return truncnorm(low, high, np.asarray(x), self.noise).rvs((n, len(x)), random_state=rng)
