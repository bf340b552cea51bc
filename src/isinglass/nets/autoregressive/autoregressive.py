# SPDX-License-Identifier: Apache-2.0
"""Autoregressive density, q(x) = Π_i q(x_i given x_1 ... x_(i-1)), of variables with finitely many values.

Normalized by construction; sampled exactly, one variable after the other, from a state that is carried along:
nothing is computed twice.  Ref: Wu, Wang and Zhang 2019, arXiv:1809.10606.
"""

from abc import abstractmethod
from math import prod
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.nets.autoregressive.visit import visiting_order
from isinglass.nets.density import AbstractDensity

__all__ = ["AbstractAutoregressive", "numbers_of", "values_of"]


class AbstractAutoregressive(AbstractDensity):
    """q(x_i = v_a given x_<i) = softmax(l_i)_a; i is the number of the visit: row by row, or alternating in direction.

    Law: l_i does not depend on x_j for j >= i, exactly, so that Σ_x q(x) = 1.
    """

    values: eqx.AbstractVar[tuple[int, ...]]  # v_a: (-1, 1), or 0 .. q-1
    order: eqx.AbstractVar[str]  # "raster" or "snake"

    @abstractmethod
    def logits(self, a: Int[Array, " N"]) -> Float[Array, "N q"]:
        """l_i for all i in one parallel pass, from the numbers a_i of the values."""

    @abstractmethod
    def begin(self) -> Any:
        """What is carried, before any variable is known: arrays."""

    @abstractmethod
    def advance(self, state: Any, i: Int[Array, ""], previous: Int[Array, ""]) -> tuple[Any, Float[Array, " q"]]:
        """The state and l_i, once variable i - 1 has the value of this number (which is ignored for i = 0).

        Law: l_i is the same as that of `logits`.
        """

    def log_prob(self, x: Shaped[Array, "*site"]) -> Float[Array, ""]:
        """Σ_i ln q(x_i given x_<i)."""
        a = numbers_of(x, self.values).reshape(-1)[self.path]
        log_q = jax.nn.log_softmax(self.logits(a))
        return jnp.sum(jnp.take_along_axis(log_q, a[:, None], axis=1))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Shaped[Array, "*site"], Float[Array, ""]]:
        """x_i ~ q(x_i given x_<i) for i = 1 ... N (ancestral sampling), and Σ_i ln q(x_i given x_<i)."""
        noise = jax.random.gumbel(key, (self.size, len(self.values)), jnp.float32)

        def one(carry, inputs):
            state, previous = carry
            i, g = inputs
            state, logits = self.advance(state, i, previous)
            a = jnp.argmax(logits + g.astype(logits.dtype)).astype(
                jnp.int32
            )  # the Gumbel trick: a sample of the softmax
            return (state, a), (a, jax.nn.log_softmax(logits)[a])

        visits = jnp.arange(self.size, dtype=jnp.int32)
        _, (a, log_q) = jax.lax.scan(one, (self.begin(), jnp.int32(0)), (visits, noise))
        return values_of(a[np.argsort(self.path)], self.values).reshape(self.shape), jnp.sum(log_q)

    @property
    def size(self) -> int:
        """N, the number of variables."""
        return prod(self.shape)

    @property
    def path(self) -> Int[np.ndarray, " N"]:
        """The site of each visit."""
        return visiting_order(self.shape, self.order)


def numbers_of(x: Shaped[Array, "*site"], values: tuple[int, ...]) -> Int[Array, "*site"]:
    """The number a of each value v_a; values are equally spaced."""
    step = values[1] - values[0]
    return (x.astype(jnp.int32) - values[0]) // step


def values_of(a: Int[Array, "*site"], values: tuple[int, ...]) -> Int[Array, "*site"]:
    """The value v_a of each number a.  Law: undoes `numbers_of`."""
    return (a * (values[1] - values[0]) + values[0]).astype(jnp.int8)
