# SPDX-License-Identifier: Apache-2.0
"""Data of any size compressed to as many numbers as there are parameters, without loss near one θ*.

t = θ* + F⁻¹ ∇ ln p(x given θ*).  Alsing and Wandelt 2018, arXiv:1712.00012; Heavens et al. 2000, astro-ph/9911102.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.errors import InputError
from isinglass.systems.simulator.prior import Prior
from isinglass.systems.simulator.simulator import AbstractSimulator

__all__ = ["ScoreSummary", "score_summary"]

DRAWS = 512  # of the score at θ*, for F


class ScoreSummary(AbstractSimulator):
    """t = θ* + F⁻¹ s, s = ∇ ln p(x given θ*).  Law: at θ = θ* <t> = θ, its covariance is F⁻¹, the least possible."""

    of: AbstractSimulator  # with a log likelihood
    theta: Float[Array, " d"]  # θ*
    inverse: Float[Array, "d d"]  # F⁻¹

    def prior(self) -> Prior:
        return self.of.prior()

    def simulate(self, key: Key[Array, ""], theta: Float[Array, " d"]) -> Float[Array, " d"]:
        """Of data of the other simulator."""
        return self.summary(self.of.simulate(key, theta))

    def summary(self, x: Shaped[Array, "*data"] | Shaped[np.ndarray, "*data"]) -> Float[Array, " d"]:
        """Of observed data."""
        return self.theta + self.inverse @ score(self.of, self.theta, jnp.asarray(x, float))


def score(of: AbstractSimulator, theta: Float[Array, " d"], x: Shaped[Array, "*data"]) -> Float[Array, " d"]:
    """∇ ln p(x given θ)."""
    return jax.grad(lambda theta: jnp.asarray(of.log_likelihood(theta, x)))(theta)


def score_summary(of: AbstractSimulator, theta: Any, *, fisher: Any = None) -> ScoreSummary:
    """The summary near θ*; F is given, or the covariance of 512 scores of data simulated at θ*.

    Errors: InputError for a simulator without log likelihood, a θ* outside of the prior, or an F that is not positive.
    """
    at = jnp.atleast_1d(jnp.asarray(theta, float))
    prior = of.prior()
    if at.shape != (len(prior.names),) or not bool(prior.inside(at)):
        raise InputError(f"{len(prior.names)} parameters within the prior", f"{np.asarray(at)}", "choose a likely θ*")
    key = jax.random.key(0)
    if of.log_likelihood(at, of.simulate(key, at)) is None:
        raise InputError("a simulator with a log likelihood", type(of).__name__, "use a network, or a spectrum")
    if fisher is None:
        one = lambda key: score(of, at, of.simulate(key, at))  # noqa: E731
        s = np.asarray(jax.jit(jax.vmap(one))(jax.random.split(key, DRAWS)))
        fisher = s.T @ s / DRAWS
    F = np.asarray(fisher, float)
    if F.shape != (len(at), len(at)) or not np.isfinite(F).all() or np.linalg.eigvalsh(F).min() <= 0:
        raise InputError("a positive Fisher matrix, a row for each parameter", f"{F.tolist()}", "choose another θ*")
    return ScoreSummary(of, at, jnp.asarray(np.linalg.inv(F)))
