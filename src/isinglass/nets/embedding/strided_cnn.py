# SPDX-License-Identifier: Apache-2.0
"""Series and images in a few numbers: convolutions that halve the sides, h <- f(W * h + b), then one linear map."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

__all__ = ["StridedCNN"]

SMALLEST = 8  # sides are halved until they are this short


class StridedCNN(eqx.Module):
    """f(x) = W vec(h_n) + b, h_{l+1} = silu(W_l * h_l + b_l) with steps of two.

    Shape: x (*sides) with `dimension` sides, or (*sides, channels); result (out,).  Places matter, edges are edges.
    """

    convolutions: tuple[eqx.nn.Conv, ...]
    head: eqx.nn.Linear
    in_shape: tuple[int, ...] = eqx.field(static=True)
    dimension: int = eqx.field(static=True)
    out: int = eqx.field(static=True)
    width: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        in_shape: Sequence[int],
        dimension: int = 1,
        out: int = 32,
        width: int = 16,
        kernel: int = 5,
    ):
        self.in_shape, self.dimension, self.out = tuple(in_shape), dimension, out
        self.width, self.kernel = width, kernel
        sides = list(self.in_shape[:dimension])
        channels = [1 if len(self.in_shape) == dimension else self.in_shape[dimension]]
        layers = []
        key, key_head = jax.random.split(key)
        while not layers or max(sides) > SMALLEST:
            key, one = jax.random.split(key)
            channels.append(min(4 * width, channels[-1] * 2 if layers else width))
            layers.append(eqx.nn.Conv(dimension, channels[-2], channels[-1], kernel, 2, kernel // 2, key=one,
                                      dtype=jnp.float32))  # fmt: skip
            sides = [(side + 1) // 2 for side in sides]
        self.convolutions = tuple(layers)
        flat = channels[-1] * int(jnp.prod(jnp.asarray(sides)))
        self.head = eqx.nn.Linear(flat, out, key=key_head, dtype=jnp.float32)

    def __call__(self, x: Real[Array, "..."]) -> Float[Array, " out"]:
        """The numbers that say x."""
        h = x.astype(jnp.float32)
        h = h[None] if h.ndim == self.dimension else jnp.moveaxis(h, -1, 0)
        for convolution in self.convolutions:
            h = jax.nn.silu(convolution(h))
        return self.head(h.reshape(-1))
