# SPDX-License-Identifier: Apache-2.0
"""An epidemic: susceptible, infected, recovered.  Lueckmann et al. 2021, arXiv:2101.04653, T.9."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.rate_equation import runge_kutta
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["Epidemic"]

EVERY, STEPS = 17.0, 34  # days between two counts, and steps of Runge and Kutta in them
TESTED, LEAST = 1000, 1e-12


class Epidemic(AbstractSimulator):
    """dS/dt = -β S I/N, dI/dt = β S I/N - γ I; x_k ~ Binomial(1000, I(t_k)/N) at days 0, 17, ..., 153.

    N = 10⁶, of whom one is infected at first; ln β ~ N(ln 0.4, 0.5²), ln γ ~ N(ln 0.125, 0.2²), a day⁻¹.
    """

    population: float = 1e6

    def prior(self) -> Prior:
        return make_prior({"beta": dist.LogNormal(jnp.log(0.4), 0.5), "gamma": dist.LogNormal(jnp.log(0.125), 0.2)})

    def infected(self, theta: Float[Array, "2"]) -> Float[Array, "10"]:
        """I(t_k)/N."""
        beta, gamma = theta[0], theta[1]

        def rate(y):
            new = beta * y[0] * y[1]
            return jnp.stack([-new, new - gamma * y[1]])

        start = jnp.array([1 - 1 / self.population, 1 / self.population])
        return jnp.clip(runge_kutta(rate, start, EVERY, 10, STEPS)[:, 1], LEAST, 1 - LEAST)

    def simulate(self, key: Key[Array, ""], theta: Float[Array, "2"]) -> Float[Array, "10"]:
        return jax.random.binomial(key, TESTED, self.infected(theta))

    def log_likelihood(self, theta: Float[Array, "2"], x: Float[Array, "10"]) -> Float[Array, ""]:
        share = self.infected(theta)
        return jnp.sum(x * jnp.log(share) + (TESTED - x) * jnp.log1p(-share))
