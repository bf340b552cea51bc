# SPDX-License-Identifier: Apache-2.0
"""Prior and posterior in free numbers u, θ = f(u): no bounds, and a uniform parameter is N(0, 1)."""

from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.symmetry.symmetry import AbstractSymmetry
from isinglass.symmetry.variable import AbstractVariable, Reals
from isinglass.systems.simulator.prior import Prior
from isinglass.systems.system import AbstractSystem

__all__ = ["FreePosterior", "FreePrior", "free_posterior", "theta_of", "widths"]


class FreePrior(AbstractDensity):
    """p(u) = p(θ) |dθ/du|."""

    prior: Prior

    @property
    def shape(self) -> tuple[int, ...]:
        return self.prior.range.shape

    def log_prob(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        """ln p(f(u)) + ln |df/du|."""
        theta, log_slope = self.prior.range.forward(x)
        return self.prior.log_prob(theta) + log_slope

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        u = self.prior.range.inverse(self.prior.sample(key))
        return u, self.log_prob(u)


class FreePosterior(AbstractSystem):
    """w(u) = L(f(u)) p(u), with E = -ln w.  Law: θ = f(u) has L(θ) p(θ)/Z, and Z is the evidence."""

    prior: FreePrior
    numbers: Any  # arrays of the likelihood
    rule: Any = eqx.field(static=True)
    variable: ClassVar[AbstractVariable] = Reals()
    symmetries: ClassVar[tuple[AbstractSymmetry, ...]] = ()
    beta: Float[Array, ""] = eqx.field(default_factory=lambda: jnp.ones(()))

    @property
    def shape(self) -> tuple[int, ...]:
        return self.prior.shape

    def log_likelihood(self, theta: Float[Array, " d"]) -> Float[Array, ""]:
        """ln L(θ); -inf where it is not a number."""
        found = jnp.asarray(eqx.combine(self.numbers, self.rule)(theta)).astype(float)
        return jnp.where(jnp.isnan(found), -jnp.inf, found)

    def energy(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        """-ln L - ln p."""
        return -self.log_likelihood(self.prior.prior.range.forward(x)[0]) - self.prior.log_prob(x)

    def random_configuration(self, key) -> Float[Array, " d"]:
        """Of the prior."""
        return self.prior.draw(key)

    def order_parameter(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        """Their mean."""
        return jnp.mean(x)

    def exact_energy(self, temperature: Float[np.ndarray, " T"]) -> None:
        """Not known."""
        return


def free_posterior(prior: Prior, log_likelihood: Callable) -> FreePosterior:
    """Of a function ln L(θ), which may be a module with arrays."""
    numbers, rule = eqx.partition(log_likelihood, eqx.is_array)
    return FreePosterior(FreePrior(prior), numbers, rule)  # pyright: ignore[reportCallIssue]


def widths(u: Float[np.ndarray, "n d"]) -> tuple[Float[np.ndarray, " d"], Float[np.ndarray, "d d"]]:
    """Mean m and Cholesky factor C of the covariance: u = m + C w has unit w."""
    covariance = np.atleast_2d(np.cov(u, rowvar=False)) + 1e-12 * np.diag(u.var(axis=0) + 1e-30)
    return u.mean(axis=0), np.linalg.cholesky(covariance)


def theta_of(prior: Prior, u: Float[np.ndarray, "n d"]) -> Float[np.ndarray, "n d"]:
    """θ = f(u), row by row."""
    return np.asarray(jax.jit(jax.vmap(lambda u: prior.range.forward(u)[0]))(jnp.asarray(u)))
