# SPDX-License-Identifier: Apache-2.0
"""Local field of the known neighbors: l_i = c_i + Σ_n U_in x_n over the neighbors n of i that come before it.

For a pair energy this is the exact field of those neighbors; a network adds the effect of all that is summed over.
"""

from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from isinglass.nets.autoregressive.visit import known_neighbors

__all__ = ["LocalField", "one_hot"]


class LocalField(eqx.Module):
    """Each site with weights of its own, zero at first.  Neighbors: the site before, and ±1 along each axis (torus)."""

    weight: Float[Array, "N q z q"]
    constant: Float[Array, "N q"]
    shape: tuple[int, ...] = eqx.field(static=True)
    order: str = eqx.field(static=True)

    def __init__(self, shape: tuple[int, ...], q: int, order: str):
        self.shape, self.order = shape, order
        N, z = prod(shape), known_neighbors(shape, order).shape[1]
        self.weight = jnp.zeros((N, q, z, q), jnp.float32)
        self.constant = jnp.zeros((N, q), jnp.float32)

    def known(self, x: Float[Array, "M q"], i: Int[Array, ""]) -> Float[Array, "z q"]:
        """One-hot values of the known neighbors of visit i; row N of x is zero and stands for what is to come."""
        return x[jnp.asarray(known_neighbors(self.shape, self.order))[i]]

    def at(self, i: Int[Array, ""], known: Float[Array, "z q"]) -> Float[Array, " q"]:
        """The field at visit i."""
        return jnp.tensordot(self.weight[i], known, 2) + self.constant[i]

    def __call__(self, x: Float[Array, "M q"]) -> tuple[Float[Array, "N z q"], Float[Array, "N q"]]:
        """The known neighbors of all visits, and the field there; M = N + 1 rows of x."""
        visits = jnp.arange(len(x) - 1)
        known = jax.vmap(self.known, in_axes=(None, 0))(x, visits)
        return known, jax.vmap(self.at)(visits, known)


def one_hot(a: Int[Array, " N"], q: int) -> Float[Array, "M q"]:
    """x_ia = 1 where variable i has value number a; a last row of zeros."""
    return jnp.concatenate([jax.nn.one_hot(a, q, dtype=jnp.float32), jnp.zeros((1, q), jnp.float32)])
