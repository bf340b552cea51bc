# SPDX-License-Identifier: Apache-2.0
"""Fields on a torus in a few numbers: means of local features on every scale."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.layer.periodic_conv import PeriodicConv

__all__ = ["LatticeScales"]


class LatticeScales(eqx.Module):
    """f(x) = MLP(mean h_1, mean h_2, ...), h_{l+1} = silu(W_l * blocks of two of h_l + b_l), around the torus.

    Shape: x (*lattice) of one to three dimensions; result (out,).  Sides are halved while they are even and above 2.
    Law: f(x translated by 2^(levels - 1) sites) = f(x).
    """

    convolutions: tuple[PeriodicConv, ...]
    head: MLP
    in_shape: tuple[int, ...] = eqx.field(static=True)
    out: int = eqx.field(static=True)
    width: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], in_shape: Sequence[int], out: int = 32, width: int = 16):
        self.in_shape, self.out, self.width = tuple(in_shape), out, width
        sides, layers, d = list(self.in_shape), [], len(in_shape)
        key, key_head = jax.random.split(key)
        while True:
            key, one = jax.random.split(key)
            layers.append(PeriodicConv(d, width if layers else 1, width, key=one))
            if min(sides) <= 2 or any(side % 2 for side in sides):
                break
            sides = [side // 2 for side in sides]
        self.convolutions = tuple(layers)
        self.head = MLP(key=key_head, in_shape=width * len(layers), hidden=(64,), out=out, activation="silu")

    def __call__(self, x: Real[Array, "..."]) -> Float[Array, " out"]:
        """The numbers that say x."""
        h, means = x.astype(jnp.float32)[..., None], []
        for level, convolution in enumerate(self.convolutions):
            h = jax.nn.silu(convolution(blocks(h) if level else h))
            means.append(h.mean(axis=tuple(range(h.ndim - 1))))
        return self.head(jnp.concatenate(means))


def blocks(h: Float[Array, "*lattice channels"]) -> Float[Array, "*coarse channels"]:
    """Means of blocks of two sites along every side, times √(number of sites): of order one for noise."""
    *sides, channels = h.shape
    split = h.reshape(*(n for side in sides for n in (side // 2, 2)), channels)
    return split.mean(axis=tuple(range(1, 2 * len(sides), 2))) * 2 ** (len(sides) / 2)
