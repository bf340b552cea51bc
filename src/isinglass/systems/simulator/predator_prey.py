# SPDX-License-Identifier: Apache-2.0
"""Predators and prey: Lotka and Volterra's equations.  Lueckmann et al. 2021, arXiv:2101.04653, T.10."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key
from numpyro import distributions as dist

from isinglass.systems.simulator.prior import Prior, make_prior
from isinglass.systems.simulator.rate_equation import runge_kutta
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["PredatorPrey"]

EVERY, STEPS = 2.1, 84  # days between two counts, and steps of Runge and Kutta in them
LEAST, MOST = 1e-10, 1e4


class PredatorPrey(AbstractSimulator):
    """dX/dt = α X - β X Y, dY/dt = -γ Y + δ X Y; ln x ~ N(ln (X, Y)(t_k), 0.1²) at days 0, 2.1, ..., 18.9.

    X(0) = 30, Y(0) = 1; ln α, ln γ ~ N(-0.125, 0.5²), ln β, ln δ ~ N(-3, 0.5²).  x: ten X, then ten Y.
    """

    noise: float = 0.1

    def prior(self) -> Prior:
        one, other = (dist.LogNormal(mean, 0.5) for mean in (-0.125, -3.0))
        return make_prior({"alpha": one, "beta": other, "gamma": one, "delta": other})

    def log_numbers(self, theta: Float[Array, "4"]) -> Float[Array, "20"]:
        """ln X(t_k), ln Y(t_k); the equations are solved for these, which stay finite."""
        alpha, beta, gamma, delta = theta

        def rate(y):
            return jnp.stack([alpha - beta * jnp.exp(y[1]), delta * jnp.exp(y[0]) - gamma])

        path = runge_kutta(rate, jnp.log(jnp.array([30.0, 1.0])), EVERY, 10, STEPS)
        return jnp.clip(path.T.reshape(-1), jnp.log(LEAST), jnp.log(MOST))

    def simulate(self, key: Key[Array, ""], theta: Float[Array, "4"]) -> Float[Array, "20"]:
        return jnp.exp(self.log_numbers(theta) + self.noise * jax.random.normal(key, (20,)))

    def log_likelihood(self, theta: Float[Array, "4"], x: Float[Array, "20"]) -> Float[Array, ""]:
        """But for Σ ln x, which does not depend on θ."""
        return -0.5 * jnp.sum(((jnp.log(x) - self.log_numbers(theta)) / self.noise) ** 2)
