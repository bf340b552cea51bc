# SPDX-License-Identifier: Apache-2.0
"""A stationary hidden Markov chain of symbols."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Int, Key

from isinglass.exact.sequence.markov_chain import stationary_distribution
from isinglass.systems.sequence.source import AbstractSource, drawn

__all__ = ["HiddenMarkovSource"]


class HiddenMarkovSource(AbstractSource):
    """States s by A_ij, symbols x_t by B_(s_t x_t), s_1 stationary; p(x) by the forward algorithm.

    Block entropies and bounds of the rate: `exact.sequence.hidden_markov`.
    Errors: ValueError for rows that are no distributions, and chains with several stationary ones.
    """

    A: Float[Array, "m m"]
    B: Float[Array, "m k"]
    pi: Float[Array, " m"]

    def __init__(self, A: ArrayLike | list, B: ArrayLike | list):
        self.A, self.B = jnp.asarray(A, float), jnp.asarray(B, float)
        if len(self.A) != len(self.B) or (self.B < 0).any() or not jnp.allclose(self.B.sum(axis=1), 1, atol=1e-9):
            raise ValueError("a row of B for each state, not negative, that sums to 1.")
        self.pi = jnp.asarray(stationary_distribution(np.asarray(self.A)))

    @property
    def symbols(self) -> int:
        return self.B.shape[1]

    def samples(self, key: Key[Array, ""], n: int, length: int) -> Int[Array, "n N"]:
        def one(u):
            def step(s, u):
                return drawn(u[0], self.A[s]), drawn(u[1], self.B[s])

            return jax.lax.scan(step, drawn(u[0, 2], self.pi), u)[1]

        return jax.vmap(one)(jax.random.uniform(key, (n, length, 3)))

    def surprisals(self, x: Int[Array, " N"]) -> Float[Array, " N"]:
        """By p(s_t | x_1 ... x_(t-1)), which is carried along."""

        def step(state, a):
            joint = state * self.B[:, a]
            return joint @ self.A / joint.sum(), -jnp.log(joint.sum())

        return jax.lax.scan(step, self.pi, x)[1]
