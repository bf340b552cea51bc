# SPDX-License-Identifier: Apache-2.0
"""Posteriors of many observations by one likelihood or ratio that was learned."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Shaped

from isinglass.inference.posterior.neural_likelihood import LikelihoodOf
from isinglass.sampling.weight.differential_evolution import DifferentialEvolution
from isinglass.sampling.weight.sequential_monte_carlo import sequential_monte_carlo
from isinglass.systems.simulator.prior import Prior
from isinglass.tasks.posterior.free_posterior import free_posterior

__all__ = ["sampled_each"]

SWEEPS, LAST, AT_ONCE = 5, 30, 16
MANY = 4  # walkers for each draw, so that draws are independent, and modes have their weights


def sampled_each(
    key: Key[Array, ""], model: Any, prior: Prior, x: Shaped[np.ndarray, "k *data"], n: int
) -> Float[np.ndarray, "k n d"]:
    """n draws of p(θ given x) for each x: one small population by sequential Monte Carlo, moved by its differences."""
    walkers = max(2 * (n // 2) * MANY, 8 * len(prior.names))

    @eqx.filter_jit
    def each(model, prior, x, keys):
        def one(row):
            key, x = row
            system = free_posterior(prior, LikelihoodOf(model, x))
            u = sequential_monte_carlo(key, DifferentialEvolution(), system.prior, system, walkers=walkers, groups=1,
                                       sweeps=SWEEPS, last=LAST).x[:: walkers // n][:n]  # fmt: skip
            return jax.vmap(lambda u: prior.range.forward(u)[0])(u)

        return jax.lax.map(one, (keys, x), batch_size=AT_ONCE)

    return np.asarray(each(model, prior, jnp.asarray(x), jax.random.split(key, len(x))))
