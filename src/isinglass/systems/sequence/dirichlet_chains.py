# SPDX-License-Identifier: Apache-2.0
"""Sequences of Markov chains, a chain of its own for each: who predicts them learns it while reading."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.exact.sequence.dirichlet_chain import predictions
from isinglass.systems.sequence.source import AbstractSource, drawn, twice

__all__ = ["DirichletChains"]


class DirichletChains(AbstractSource):
    """Rows of P from Dirichlet(a, ..., a) for each sequence, x_1 uniform.

    p(x_(t+1) = j | x_1 ... x_t) = (n_ij + a)/(n_i + k a): `exact.sequence.dirichlet_chain`.
    """

    k: int = eqx.field(static=True, default=2)
    a: float = eqx.field(static=True, default=1.0)

    def __check_init__(self) -> None:
        if self.k < 2 or not self.a > 0:  # noqa: PLR2004
            raise ValueError(f"two symbols or more and a above 0, got {self.k} and {self.a}.")

    @property
    def symbols(self) -> int:
        return self.k

    def samples(self, key: Key[Array, ""], n: int, length: int) -> Int[Array, "n N"]:
        key_P, key_first, key_u = jax.random.split(key, 3)
        P = jax.random.dirichlet(key_P, jnp.full(self.k, self.a), (n, self.k))
        first = jax.random.randint(key_first, (n,), 0, self.k, jnp.int32)

        def one(P, first, u):
            step = lambda i, u: twice(drawn(u, P[i]))  # noqa: E731
            return jnp.concatenate([first[None], jax.lax.scan(step, first, u)[1]])

        return jax.vmap(one)(P, first, jax.random.uniform(key_u, (n, length - 1)))

    def surprisals(self, x: Int[Array, " N"]) -> Float[Array, " N"]:
        return -jnp.log(jnp.take_along_axis(predictions(x, self.k, self.a), x[:, None], axis=1)[:, 0])
