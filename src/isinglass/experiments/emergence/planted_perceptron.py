# SPDX-License-Identifier: Apache-2.0
"""Students of a perceptron: of binary weights all 2^N; of normal weights by message passing, asked new questions."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from isinglass.exact.learning.generalized_linear import SignOutput
from isinglass.exact.learning.scalar_prior import NormalPrior
from isinglass.experiments.learning.teacher_ensemble import passed_samples

__all__ = ["Counted", "asked", "planted_counts"]

STEPS = 30  # of message passing


class Counted(NamedTuple):
    """Of each sample, after 1, 2, ... points."""

    solutions: Int[Array | np.ndarray, "samples most"]  # weights that agree with the teacher on all of them
    error: Float[Array | np.ndarray, "samples most"]  # share of wrong answers of one of these at random


@partial(jax.jit, static_argnames=("N", "most"))
def planted_counts(keys, N: int, most: int) -> Counted:
    """All w = ±1 beside the teacher (1, ..., 1): any other is the same by flipping inputs.  Memory: 8 N 2^N."""
    bits = (jnp.arange(2**N)[:, None] >> jnp.arange(N)[None, :]) & 1
    w = (2 * bits - 1).astype(jnp.float32)
    wrong = jnp.arccos(jnp.clip(w.mean(axis=1), -1, 1)) / jnp.pi

    def one(key):
        def point(alive, x):
            alive = alive & (w @ (x * jnp.sign(x.sum())) > 0)
            return alive, Counted(alive.sum(), jnp.sum(wrong, where=alive) / jnp.sum(alive, dtype=wrong.dtype))

        return jax.lax.scan(point, jnp.ones(2**N, bool), jax.random.normal(key, (most, N), jnp.float32))[1]

    return jax.lax.map(one, keys)


def asked(  # noqa: PLR0913
    key, N: int, alpha: float, samples: int, questions: int, longest: int
) -> Float[np.ndarray, "samples longest"]:
    """Share of series of k = 1 ... `longest` new questions that are all answered right, of each student.

    A student at cosine c with the teacher meets a new point only through two normal numbers of correlation c.
    """
    key_pass, key_ask = jax.random.split(key)
    keys = jax.random.split(key_pass, samples)
    passed = passed_samples(keys, round(alpha * N), N, NormalPrior(), SignOutput(), STEPS, 0.0)
    return np.asarray(answered(key_ask, passed.cosine[:, -1], questions, longest))


@partial(jax.jit, static_argnames=("questions", "longest"))
def answered(key, cosine: Float[Array, " samples"], questions: int, longest: int) -> Float[Array, "samples longest"]:
    """Series of questions, one student after the other."""

    def one(pair):
        key, c = pair
        z, noise = jax.random.normal(key, (2, questions, longest))
        right = z * (c * z + jnp.sqrt(1 - c**2) * noise) > 0
        return jnp.cumprod(right, axis=1).mean(axis=0, dtype=float)

    return jax.lax.map(one, (jax.random.split(key, len(cosine)), cosine))
