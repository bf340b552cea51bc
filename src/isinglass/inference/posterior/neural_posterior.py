# SPDX-License-Identifier: Apache-2.0
"""Neural posterior estimation: q(θ given x) that maximizes Σ ln q(θ_n given x_n) over simulated pairs.

Papamakarios and Murray 2016, arXiv:1605.06376; Greenberg et al. 2019, arXiv:1905.07488.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.nets.density import AbstractDensity, StandardNormal
from isinglass.nets.flow.autoregressive_splines import AutoregressiveSplines
from isinglass.nets.flow.rescaled import Rescaled, rescaled, standardized_rows
from isinglass.systems.constraint import Interval

__all__ = ["GivenObservation", "NegativeLogPosterior", "NeuralPosterior", "untrained_posterior"]


class GivenObservation(AbstractDensity):
    """q(θ given x) for one x, a density of θ [d]: zero outside of the prior's range."""

    density: Rescaled  # of the free numbers u, in their units
    range: Interval

    @property
    def shape(self) -> tuple[int, ...]:
        return self.density.shape

    def log_prob(self, x: Shaped[Array, " d"]) -> Float[Array, ""]:
        """ln q(θ given x) = ln q(u) - Σ ln |dθ/du|."""
        inside = jnp.all((x >= self.range.low) & (x <= self.range.high))
        u = self.range.inverse(jnp.clip(x, self.range.low, self.range.high))
        return jnp.where(inside, self.density.log_prob(u) - self.range.forward(u)[1], -jnp.inf)

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        u, log_q = self.density.draw_with_log_prob(key)
        theta, log_slope = self.range.forward(u)
        return theta, log_q - log_slope

    def draw(self, key: Key[Array, ""]) -> Float[Array, " d"]:
        """Without its density, which costs as much again."""
        return self.range.forward(self.density.draw(key))[0]


class NeuralPosterior(eqx.Module):
    """q(θ given x): a spline flow of the free numbers u of θ, whose context is x; both in units of the simulations."""

    flow: AutoregressiveSplines
    range: Interval
    parameters: Rescaled  # the units of u
    data: Rescaled  # the units of x

    def given(self, x: Shaped[Array, "*data"]) -> GivenObservation:
        """The posterior of one observation."""
        flow = self.flow.given(self.data.standardized(x))
        return GivenObservation(eqx.tree_at(lambda r: r.base, self.parameters, flow), self.range)


class NegativeLogPosterior(eqx.Module):
    """-ln q(u given z), the mean over a batch of free parameters u and standardized data z."""

    def __call__(self, key: Any, flow: AutoregressiveSplines, batch: Any) -> Float[Array, ""]:
        u, z = batch
        return -jnp.mean(jax.vmap(lambda u, z: flow.given(z).log_prob(u))(u, z))


def untrained_posterior(
    key: Key[Array, ""], range_: Interval, theta: Float[np.ndarray, "n d"], x: Shaped[np.ndarray, "n *data"], *,
    hidden: tuple[int, ...] = (64, 64), bins: int = 8,
) -> tuple[NeuralPosterior, tuple[Float[Array, "n d"], Float[Array, "n m"]]]:  # fmt: skip
    """An untrained posterior in the units of the simulations, and these in its units: (u, z) for the training."""
    free = np.asarray(jax.jit(jax.vmap(range_.inverse))(jnp.asarray(theta)))
    of_u, of_x = (rescaled(StandardNormal((int(np.prod(a.shape[1:])),)), a) for a in (free, x))
    u, z = standardized_rows(of_u, free), standardized_rows(of_x, np.asarray(x))
    flow = AutoregressiveSplines(key=key, shape=(u.shape[1],), hidden=hidden, bins=bins, conditions=z.shape[1])
    return NeuralPosterior(flow.of_data(u), range_, of_u, of_x), (u, z)
