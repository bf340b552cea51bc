# SPDX-License-Identifier: Apache-2.0
"""Residual network for denoising lattice fields in one, two or three dimensions; no downsampling, so that it commutes
with every translation and the same weights serve every lattice of the same dimension.

The long distances of a U-Net's coarse levels come here from the Wiener filter among its inputs (all distances at once)
and from the mean over the lattice in each block.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.diffusion.noise_embedding import NoiseEmbedding
from isinglass.nets.layer.periodic_conv import PeriodicConv

__all__ = ["ScoreField"]

Layers = Float[Array, "*lattice channels"]


class FieldBlock(eqx.Module):
    """h + W_2 * silu(u + V mean_r u), u = W_1 * silu((1 + a(e)) h + b(e)); W_2 = 0 at first."""

    modulation: eqx.nn.Linear  # a and b
    first: PeriodicConv
    pooled: Float[Array, "channels channels"]
    second: PeriodicConv

    def __init__(self, dimension: int, channels: int, kernel: int, *, key: Key[Array, ""]):
        keys = jax.random.split(key, 4)
        self.modulation = eqx.nn.Linear(channels, 2 * channels, dtype=jnp.float32, key=keys[0])
        self.first = PeriodicConv(dimension, channels, channels, key=keys[1], kernel=kernel)
        self.pooled = jax.random.normal(keys[2], (channels, channels), jnp.float32) / channels**0.5
        second = PeriodicConv(dimension, channels, channels, key=keys[3], kernel=kernel)
        self.second = eqx.tree_at(lambda c: c.weight, second, jnp.zeros_like(second.weight))

    def __call__(self, h: Layers, e: Float[Array, " channels"]) -> Layers:
        over = lambda a: jnp.broadcast_to(a, h.shape)  # noqa: E731
        slope, shift = jnp.split(self.modulation(e), 2)
        u = self.first(jax.nn.silu(h * over(1 + slope) + over(shift)))
        u = u + over(u.mean(axis=tuple(range(h.ndim - 1))) @ self.pooled)
        return h + self.second(jax.nn.silu(u))


class ScoreField(eqx.Module):
    """F(x, λ): inputs (in_channels, *lattice) -> one number at each site.  Zero at first.

    Law: commutes with translations, exactly; with `odd`, F(-x) = -F(x).
    """

    first: PeriodicConv
    embedding: NoiseEmbedding
    blocks: FieldBlock  # all blocks, stacked along the first axis of each array
    last: PeriodicConv
    dimension: int = eqx.field(static=True)
    in_channels: int = eqx.field(static=True)
    channels: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)
    odd: bool = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        dimension: int = 2,
        in_channels: int = 2,
        channels: int = 24,
        depth: int = 3,
        kernel: int = 3,
        odd: bool = False,
    ):
        self.dimension, self.in_channels, self.channels = dimension, in_channels, channels
        self.depth, self.kernel, self.odd = depth, kernel, odd
        keys = jax.random.split(key, 4)
        self.first = PeriodicConv(dimension, in_channels, channels, key=keys[0], kernel=kernel)
        self.embedding = NoiseEmbedding(channels, key=keys[1])
        block = lambda key: FieldBlock(dimension, channels, kernel, key=key)  # noqa: E731
        self.blocks = eqx.filter_vmap(block)(jax.random.split(keys[2], depth))
        last = PeriodicConv(dimension, channels, 1, key=keys[3], kernel=1)
        self.last = eqx.tree_at(lambda c: c.weight, last, jnp.zeros_like(last.weight))

    def __call__(self, x: Float[Array, "in_channels *lattice"], log_snr: Float[Array, ""]) -> Float[Array, "*lattice"]:
        x, e = x.astype(jnp.float32), self.embedding(log_snr)
        if not self.odd:
            return self.plain(x, e)
        plus, minus = jax.vmap(lambda x: self.plain(x, e))(jnp.stack([x, -x]))
        return (plus - minus) / 2

    def plain(self, x: Float[Array, "in_channels *lattice"], e: Float[Array, " channels"]) -> Float[Array, "*lattice"]:
        """The network without the symmetry."""
        parts, static = eqx.partition(self.blocks, eqx.is_array)
        block = lambda h, part: (eqx.combine(part, static)(h, e), None)  # noqa: E731
        h, _ = jax.lax.scan(block, self.first(jnp.moveaxis(x, 0, -1)), parts)
        return self.last(jax.nn.silu(h))[..., 0]
