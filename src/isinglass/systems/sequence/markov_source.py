# SPDX-License-Identifier: Apache-2.0
"""A stationary Markov chain of symbols."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Int, Key

from isinglass.exact.sequence.markov_chain import stationary_distribution
from isinglass.systems.sequence.source import AbstractSource, drawn, twice

__all__ = ["MarkovSource"]


class MarkovSource(AbstractSource):
    """p(x) = π_(x_1) Π_t P_(x_t x_(t+1)), π P = π.  Entropy rate: `exact.sequence.markov_chain.entropy_rate`.

    Errors: ValueError for rows that are no distributions, and chains with several stationary ones.
    """

    P: Float[Array, "k k"]
    pi: Float[Array, " k"]

    def __init__(self, P: ArrayLike | list):
        self.P = jnp.asarray(P, float)
        self.pi = jnp.asarray(stationary_distribution(np.asarray(self.P)))

    @property
    def symbols(self) -> int:
        return len(self.P)

    def samples(self, key: Key[Array, ""], n: int, length: int) -> Int[Array, "n N"]:
        def one(u):
            first = drawn(u[0], self.pi)
            step = lambda i, u: twice(drawn(u, self.P[i]))  # noqa: E731
            return jnp.concatenate([first[None], jax.lax.scan(step, first, u[1:])[1]])

        return jax.vmap(one)(jax.random.uniform(key, (n, length)))

    def surprisals(self, x: Int[Array, " N"]) -> Float[Array, " N"]:
        return -jnp.log(jnp.concatenate([self.pi[x[:1]], self.P[x[:-1], x[1:]]]))
