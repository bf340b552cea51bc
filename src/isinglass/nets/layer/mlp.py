# SPDX-License-Identifier: Apache-2.0
"""Multilayer perceptron, h_{l+1} = f(W_l h_l + b_l); the last layer is linear."""

from collections.abc import Sequence
from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.activation import activation_function
from isinglass.nets.layer.batch_norm import BatchNorm, Moments

__all__ = ["MLP"]


class MLP(eqx.Module):
    """f(x) = W_n f(... f(W_1 x + b_1) ...) + b_n on the flattened input x; returns `out` numbers (logits).

    Shape: x in_shape, of any number type (cast to the weights' type), result (out,).
    With batch norm, call it under `vmap(..., axis_name="batch")` while training.
    """

    layers: tuple[eqx.nn.Linear, ...]
    norms: tuple[BatchNorm, ...]
    drop: eqx.nn.Dropout
    in_shape: tuple[int, ...] = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    out: int = eqx.field(static=True)
    activation: str = eqx.field(static=True)
    dropout: float = eqx.field(static=True)
    batch_norm: bool = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        in_shape: int | Sequence[int],
        out: int,
        hidden: Sequence[int] = (100,),
        activation: str = "relu",
        dropout: float = 0.0,
        batch_norm: bool = False,
        dtype: str = "float32",
    ):
        activation_function(activation)
        self.in_shape = (in_shape,) if isinstance(in_shape, int) else tuple(in_shape)
        self.hidden, self.out, self.activation = tuple(hidden), out, activation
        self.dropout, self.batch_norm, self.dtype = dropout, batch_norm, dtype
        widths = (prod(self.in_shape), *self.hidden, out)
        keys = jax.random.split(key, len(widths) - 1)
        self.layers = tuple(
            eqx.nn.Linear(n, m, dtype=jnp.dtype(dtype), key=k)
            for n, m, k in zip(widths[:-1], widths[1:], keys, strict=True)
        )
        self.norms = tuple(BatchNorm(width, dtype=jnp.dtype(dtype)) for width in self.hidden) if batch_norm else ()
        self.drop = eqx.nn.Dropout(dropout)

    def forward(
        self, x: Real[Array, "..."], key: Key[Array, ""] | None = None
    ) -> tuple[Float[Array, " out"], tuple[Moments, ...]]:
        """f(x), and the moments that each batch norm used."""
        f = activation_function(self.activation)
        h, moments = x.ravel().astype(self.dtype), []
        keys = [None] * len(self.hidden) if key is None else jax.random.split(key, max(1, len(self.hidden)))
        for i, layer in enumerate(self.layers[:-1]):
            h = layer(h)
            if self.batch_norm:
                h, used = self.norms[i](h)
                moments.append(used)
            h = self.drop(f(h), key=keys[i])
        return self.layers[-1](h), tuple(moments)

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        """f(x); `key` is that of the dropout masks while training."""
        return self.forward(x, key)[0]

    def with_moments(self, moments: tuple[Moments, ...]) -> "MLP":
        """The same network with these moments stored in its batch norms."""
        norms = tuple(norm.with_moments(used) for norm, used in zip(self.norms, moments, strict=True))
        return eqx.tree_at(lambda net: net.norms, self, norms)
