# SPDX-License-Identifier: Apache-2.0
"""Simple likelihood, complex posterior.  Papamakarios et al. 2019, arXiv:1805.07226; arXiv:2101.04653, T.3."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["SLCP"]

DRAWS = 4


class SLCP(AbstractSimulator):
    """x: four draws of N(m, S), m = (θ_1, θ_2), S of deviations θ_3², θ_4² and correlation tanh θ_5.

    θ uniform in [-3, 3]⁵.  Law: the posterior is symmetric under θ_3 -> -θ_3 and θ_4 -> -θ_4.
    """

    def prior(self) -> Prior:
        return make_prior(dist.Uniform(-3 * jnp.ones(5), 3 * jnp.ones(5)))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, "5"]) -> Float[Array, "8"]:
        z, r = jax.random.normal(key, (DRAWS, 2)), jnp.tanh(theta[4])
        first = theta[0] + theta[2] ** 2 * z[:, 0]
        second = theta[1] + theta[3] ** 2 * (r * z[:, 0] + jnp.sqrt(1 - r * r) * z[:, 1])
        return jnp.stack([first, second], axis=1).reshape(-1)

    def log_likelihood(self, theta: Float[Array, "5"], x: Float[Array, "8"]) -> Float[Array, ""]:
        s, r = theta[2:4] ** 2, jnp.tanh(theta[4])
        u, v = ((x.reshape(DRAWS, 2) - theta[None, :2]) / s[None]).T
        quadratic = (u * u - 2 * r * u * v + v * v) / (1 - r * r)
        return -0.5 * jnp.sum(quadratic) - DRAWS * (jnp.log(2 * jnp.pi * s[0] * s[1]) + 0.5 * jnp.log1p(-r * r))
