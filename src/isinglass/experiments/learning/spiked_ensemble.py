# SPDX-License-Identifier: Apache-2.0
"""Spiked Wigner matrices, a sample of each, with their top eigenvector and message passing: one compiled program."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.learning.scalar_prior import AbstractScalarPrior
from isinglass.inference.message_passing.low_rank import SpikePassing, top_eigenpair

__all__ = ["Found", "spiked_samples"]


class Found(NamedTuple):
    """Of each sample; overlaps are squared cosines with the spike."""

    eigenvalue: Float[Array, " samples"]  # the largest
    overlap2: Float[Array, " samples"]  # of its vector
    passed: Float[Array, "samples steps"]  # of message passing after each step
    size: Float[Array, "samples steps"]  # |m|²/N, which is the overlap m·x/N where the prior is right


@partial(jax.jit, static_argnames=("N", "steps"))
def spiked_samples(keys, N: int, strength, prior: AbstractScalarPrior, steps: int) -> Found:
    """Y = (λ/N) x x^T + W; steps = 0 without message passing.  Memory: 32 N² bytes."""

    def one(key) -> Found:
        key_x, key_W, key_v = jax.random.split(key, 3)
        x = prior.samples(key_x, N)
        W = jax.random.normal(key_W, (N, N))
        Y = strength / N * jnp.outer(x, x) + (W + W.T) / jnp.sqrt(2 * N)
        eigenvalue, v = top_eigenpair(key_v, Y)
        passing = SpikePassing(prior, strength if steps else 1.0)
        squared_cosine = lambda m: (m @ x) ** 2 / ((m @ m) * (x @ x))  # noqa: E731

        def step(state, _):
            state = passing.step(state, Y)
            return state, (squared_cosine(state.m), jnp.mean(state.m**2))

        _, (passed, size) = jax.lax.scan(step, passing.init(v), length=steps)
        return Found(eigenvalue, squared_cosine(v), passed, size)

    return jax.lax.map(one, keys)
