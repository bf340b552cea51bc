# SPDX-License-Identifier: Apache-2.0
"""Velocity v(t, x) that depends on a context c besides: the flow of a conditional density.

Dax et al. 2023, arXiv:2305.17161.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.transport.velocity import AbstractVelocity, Moved, exact_divergence, time_features

__all__ = ["ContextVelocity"]


class ContextVelocity(AbstractVelocity):
    """v(t, x; c) = network(x, c, t, cos πkt, sin πkt); `v.given(c)` for one c.  Zero at first."""

    mlp: MLP
    context: Float[Array, " C"]  # which is given and not trained
    shape: tuple[int, ...] = eqx.field(static=True)
    frequencies: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], size: int, conditions: int, hidden: Sequence[int] = (64, 64),
                 frequencies: int = 3):  # fmt: skip
        self.shape, self.frequencies = (size,), frequencies
        mlp = MLP(key=key, in_shape=size + conditions + 1 + 2 * frequencies, hidden=hidden, out=size, activation="silu")
        self.mlp = eqx.tree_at(lambda m: m.layers[-1], mlp, jax.tree.map(jnp.zeros_like, mlp.layers[-1]))
        self.context = jnp.zeros(conditions, jnp.float32)

    def given(self, c: Float[Array, " C"]) -> "ContextVelocity":
        """v(t, x) for one c."""
        return eqx.tree_at(lambda v: v.context, self, c.astype(jnp.float32))

    def __call__(self, t: Float[Array, ""], x: Float[Array, " d"]) -> Float[Array, " d"]:
        return self.mlp(jnp.concatenate([x, self.context, time_features(t.astype(x.dtype), self.frequencies)]))

    def with_divergence(self, t: Float[Array, ""], x: Float[Array, " d"]) -> Moved:
        return exact_divergence(lambda x: self(t, x), x)
