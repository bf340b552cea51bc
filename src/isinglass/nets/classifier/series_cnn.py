# SPDX-License-Identifier: Apache-2.0
"""Convolutions with strides along time, then a perceptron: a network of series."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP

__all__ = ["SeriesCNN"]


class SeriesCNN(eqx.Module):
    """z(x) = MLP(h_n), h_(l+1)(i) = f(W_l [block i, block i + 1 of h_l] + b_l): kernels of two blocks, a stride of one.

    Shape: x (channels, length), or (length,) with one channel, result (out,).  Zeros stand beyond the end.
    Each layer is one matrix product of blocks, which a CPU does many times faster than the gradient of a convolution.
    """

    layers: tuple[eqx.nn.Linear, ...]
    head: MLP
    in_shape: tuple[int, ...] = eqx.field(static=True)
    filters: tuple[int, ...] = eqx.field(static=True)
    stride: int = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    out: int = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        in_shape: Sequence[int],
        filters: Sequence[int] = (16, 32),
        stride: int = 4,
        hidden: Sequence[int] = (64,),
        out: int = 1,
    ):
        self.in_shape, self.filters, self.stride = tuple(in_shape), tuple(filters), stride
        self.hidden, self.out = tuple(hidden), out
        *keys, key_head = jax.random.split(key, len(self.filters) + 1)
        length, channels, layers = self.in_shape[-1], self.in_shape[0] if len(self.in_shape) > 1 else 1, []
        for k, width in zip(keys, self.filters, strict=True):
            layers.append(eqx.nn.Linear(2 * stride * channels, width, dtype=jnp.float32, key=k))
            length, channels = -(-length // stride), width
        self.layers = tuple(layers)
        self.head = MLP(key=key_head, in_shape=length * channels, out=out, hidden=self.hidden)

    def __call__(self, x: Real[Array, "..."], *, key: Key[Array, ""] | None = None) -> Float[Array, " out"]:
        """z(x); `key` is not used."""
        h = jnp.atleast_2d(x).T.astype(jnp.float32)
        for layer in self.layers:
            h = jax.nn.relu(jax.vmap(layer)(blocks(h, self.stride)))
        return self.head(h)


def blocks(h: Float[Array, "length channels"], stride: int) -> Float[Array, "blocks patch"]:
    """Two neighboring blocks of `stride` times as one row, for each block."""
    n = -(-h.shape[0] // stride)
    padded = jnp.pad(h, ((0, (n + 1) * stride - h.shape[0]), (0, 0))).reshape(n + 1, -1)
    return jnp.concatenate([padded[:-1], padded[1:]], axis=1)
