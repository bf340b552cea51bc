# SPDX-License-Identifier: Apache-2.0
"""Neural likelihood estimation: q(x given θ) that maximizes Σ ln q(x_n given θ_n) over simulated pairs.

Papamakarios, Sterratt and Murray 2019, arXiv:1805.07226.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.inference.posterior.conditional import conditional_density
from isinglass.inference.posterior.neural_posterior import EmbeddedFlow, standardized, units_of_data
from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.rescaled import Rescaled, rescaled, standardized_rows
from isinglass.systems.constraint import Interval

__all__ = ["LikelihoodOf", "NeuralLikelihood", "untrained_likelihood"]


class NeuralLikelihood(eqx.Module):
    """q(x given θ): a spline flow of x, whose context is θ, or the logarithm of what is bounded on one side.

    Both are in units of the simulations.
    """

    flow: EmbeddedFlow
    range: Interval  # without intervals
    parameters: Rescaled  # the units of θ, or of its logarithm
    data: Rescaled  # the units of x

    def given(self, theta: Float[Array, " d"]) -> Rescaled:
        """The density of x for one θ: an emulator of the simulator."""
        u = self.parameters.standardized(self.range.inverse(theta))
        return eqx.tree_at(lambda r: r.base, self.data, self.flow.given(u))

    def log_likelihood(self, theta: Float[Array, " d"], x: Shaped[Array, "*data"]) -> Float[Array, ""]:
        """ln q(x given θ)."""
        return self.given(theta).log_prob(x)

    def log_ratio(self, theta: Float[Array, " d"], x: Shaped[Array, "*data"]) -> Float[Array, ""]:
        """ln p(θ given x)/p(θ), and a number that is the same for all θ."""
        return self.log_likelihood(theta, x)


class LikelihoodOf(eqx.Module):
    """θ -> ln L(θ) of one observation, by a likelihood or a ratio that was learned."""

    model: Any
    x: Shaped[Array, "*data"]

    def __call__(self, theta: Float[Array, " d"]) -> Float[Array, ""]:
        return self.model.log_ratio(theta, self.x)


def untrained_likelihood(
    key: Key[Array, ""], range_: Interval, theta: Float[np.ndarray, "n d"], x: Shaped[np.ndarray, "n *data"], *,
    hidden: tuple[int, ...] = (64, 64), bins: int = 8, of: np.ndarray | slice = slice(None),
) -> tuple[NeuralLikelihood, tuple[Float[Array, "n m"], Float[Array, "n d"]]]:  # fmt: skip
    """Linear regression of x with normal errors, of the pairs number `of`, and all in its units: (z, u)."""
    between = jnp.isfinite(range_.low) & jnp.isfinite(range_.high)
    low, high = jnp.where(between, -jnp.inf, range_.low), jnp.where(between, jnp.inf, range_.high)
    range_ = Interval(low=low, high=high)  # pyright: ignore[reportCallIssue]
    free = np.asarray(jax.jit(jax.vmap(range_.inverse))(jnp.asarray(theta)))
    of_theta, of_x = rescaled(StandardNormal((theta.shape[1],)), free), units_of_data(x, "none")
    u, z = standardized_rows(of_theta, free), jax.jit(jax.vmap(lambda x: standardized(of_x, x)))(jnp.asarray(x, float))
    flow = conditional_density("autoregressive", key, z[of], u[of], conditions=u.shape[1], hidden=hidden, bins=bins)
    return NeuralLikelihood(EmbeddedFlow(flow, None, u.shape[1:]), range_, of_theta, of_x), (z, u)
