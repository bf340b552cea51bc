# SPDX-License-Identifier: Apache-2.0
"""A normal mean under a normal prior: the posterior in closed form.  Lueckmann et al. 2021, arXiv:2101.04653, T.1."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["GaussianLinear"]


class GaussianLinear(AbstractSimulator):
    """x_k ~ N(θ_k, σ²), θ_k ~ N(0, τ²), k = 1, ..., d; by default σ² = τ² = 0.1: the posterior is N(x/2, 0.05)."""

    dimension: int = eqx.field(static=True, default=10)
    noise: float = 0.1**0.5
    spread: float = 0.1**0.5

    def prior(self) -> Prior:
        return make_prior(dist.Normal(jnp.zeros(self.dimension), self.spread))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, " d"]:
        return theta + self.noise * jax.random.normal(key, theta.shape)

    def log_likelihood(self, theta: Float[Array, " d"], x: Float[Array, " d"]) -> Float[Array, ""]:
        return jnp.sum(dist.Normal(theta, self.noise).log_prob(x))  # pyright: ignore

    def posterior_samples(self, rng: np.random.Generator, x: np.ndarray, n: int) -> np.ndarray:
        """N(m, v), 1/v = 1/σ² + 1/τ², m = v x/σ²."""
        v = 1 / (1 / self.noise**2 + 1 / self.spread**2)
        return rng.normal(v * np.asarray(x) / self.noise**2, v**0.5, (n, len(x)))
