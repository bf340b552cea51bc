# SPDX-License-Identifier: Apache-2.0
"""Dense network for denoising in few dimensions: residual blocks, each conditioned on the noise level."""

from collections.abc import Sequence
from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.diffusion.noise_embedding import NoiseEmbedding

__all__ = ["ScoreMLP"]


class DenseBlock(eqx.Module):
    """h + W_2 silu(W_1 h + V e + b), W_2 = 0 at first."""

    inner: eqx.nn.Linear
    conditioning: eqx.nn.Linear  # V
    outer: Float[Array, "width width"]

    def __init__(self, width: int, *, key: Key[Array, ""]):
        keys = jax.random.split(key)
        self.inner = eqx.nn.Linear(width, width, dtype=jnp.float32, key=keys[0])
        self.conditioning = eqx.nn.Linear(width, width, use_bias=False, dtype=jnp.float32, key=keys[1])
        self.outer = jnp.zeros((width, width), jnp.float32)

    def __call__(self, h: Float[Array, " width"], e: Float[Array, " width"]) -> Float[Array, " width"]:
        return h + self.outer @ jax.nn.silu(self.inner(h) + self.conditioning(e))


class ScoreMLP(eqx.Module):
    """F(x, λ): x of any shape, flattened; the answer has the same shape.  Zero at first."""

    first: eqx.nn.Linear
    embedding: NoiseEmbedding
    blocks: DenseBlock  # all blocks, stacked along the first axis of each array
    last: Float[Array, "n width"]
    shape: tuple[int, ...] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    depth: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], shape: Sequence[int], width: int = 64, depth: int = 2):
        self.shape, self.width, self.depth = tuple(shape), width, depth
        keys = jax.random.split(key, 3)
        n = prod(self.shape)
        self.first = eqx.nn.Linear(n, width, dtype=jnp.float32, key=keys[0])
        self.embedding = NoiseEmbedding(width, key=keys[1])
        self.blocks = eqx.filter_vmap(lambda key: DenseBlock(width, key=key))(jax.random.split(keys[2], depth))
        self.last = jnp.zeros((n, width), jnp.float32)

    def __call__(self, x: Float[Array, "*site"], log_snr: Float[Array, ""]) -> Float[Array, "*site"]:
        e = self.embedding(log_snr)
        parts, static = eqx.partition(self.blocks, eqx.is_array)
        block = lambda h, part: (eqx.combine(part, static)(h, e), None)  # noqa: E731
        h, _ = jax.lax.scan(block, self.first(x.astype(jnp.float32).ravel()), parts)
        return (self.last @ jax.nn.silu(h)).reshape(self.shape)
