# SPDX-License-Identifier: Apache-2.0
"""Causal transformer: every variable attends to those before it, softmax(Q K^T / √d) V over j <= i alone.

Keys and values of the variables sampled so far are kept, so that one more variable costs one row of attention.
Refs: Vaswani et al. 2017, arXiv:1706.03762; layer norm before each part, arXiv:2002.04745.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key

from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive

__all__ = ["CausalTransformer"]


class State(NamedTuple):
    """Keys and values of all layers at the visits so far."""

    k: Float[Array, "layers N heads d"]
    v: Float[Array, "layers N heads d"]


class Layer(NamedTuple):
    """Weights of one layer; of all of them, stacked along the first axis."""

    norm: Float[Array, "2 width"]  # gains before attention and before the perceptron
    qkv: Float[Array, "width 3 heads d"]
    out: Float[Array, "heads d width"]
    up: Float[Array, "width wide"]
    up_bias: Float[Array, " wide"]
    down: Float[Array, "wide width"]


class CausalTransformer(AbstractAutoregressive):
    """h_i = e(x_(i-1)) + p_i, then `layers` of attention over j <= i and perceptron, l_i = W norm(h_i) + c_i.

    Cost: N² width + N width² per layer, for log_prob and for a sample alike.
    """

    token: Float[Array, "tokens width"]  # of x_(i-1); the last is the beginning
    place: Float[Array, "N width"]
    stack: Layer
    gain: Float[Array, " width"]
    out: Float[Array, "q width"]
    constant: Float[Array, "N q"]
    shape: tuple[int, ...] = eqx.field(static=True)
    values: tuple[int, ...] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    heads: int = eqx.field(static=True)
    order: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        values: Sequence[int] = (-1, 1),
        width: int = 32,
        layers: int = 2,
        heads: int = 4,
        order: str = "raster",
    ):
        if width % heads:
            raise ValueError(f"expected a width that the heads divide; found {width} and {heads}; try 32 and 4.")
        self.shape, self.values, self.order = tuple(shape), tuple(values), order
        self.width, self.layers, self.heads = width, layers, heads
        N, q, d, wide = prod(self.shape), len(self.values), width // heads, 4 * width
        keys = iter(jax.random.split(key, 6))
        normal = lambda fan, *size: jax.random.normal(next(keys), size, jnp.float32) * jnp.float32(fan**-0.5)  # noqa: E731
        self.token, self.place = normal(1, q + 1, width), normal(1, N, width)
        self.stack = Layer(
            jnp.ones((layers, 2, width), jnp.float32),
            normal(width, layers, width, 3, heads, d),
            normal(2 * layers * width, layers, heads, d, width),
            normal(width, layers, width, wide),
            jnp.zeros((layers, wide), jnp.float32),
            normal(2 * layers * wide, layers, wide, width),
        )
        self.gain = jnp.ones(width, jnp.float32)
        self.out = jnp.zeros((q, width), jnp.float32)
        self.constant = jnp.zeros((N, q), jnp.float32)

    def logits(self, a: Int[Array, " N"]) -> Float[Array, "N q"]:
        """All visits at once; the input is moved on by one, so that j <= i holds x_<i."""
        start = jnp.full(1, len(self.values), a.dtype)
        h = self.token[jnp.concatenate([start, a[:-1]])] + self.place
        visit = jnp.arange(self.size)
        before = visit[None, :] <= visit[:, None]

        def one(h, layer: Layer):
            q, k, v = jnp.moveaxis(jnp.tensordot(normed(h, layer.norm[0]), layer.qkv, 1), 1, 0)
            return perceptron(h + attend(q, k, v, before, layer.out), layer), None

        h, _ = jax.lax.scan(one, h, self.stack)
        return normed(h, self.gain) @ self.out.T + self.constant

    def begin(self) -> State:
        """No keys, no values."""
        empty = jnp.zeros((self.layers, self.size, self.heads, self.width // self.heads), jnp.float32)
        return State(empty, empty)

    def advance(self, state: State, i: Int[Array, ""], previous: Int[Array, ""]) -> tuple[State, Float[Array, " q"]]:
        """One row of attention in each layer, over the kept keys."""
        h = self.token[jnp.where(i == 0, len(self.values), previous)] + self.place[i]
        before = (jnp.arange(self.size, dtype=i.dtype) <= i)[None, :]

        def one(l, carry):  # noqa: E741 - number of the layer
            h, keys, values = carry
            layer = jax.tree.map(lambda leaf: leaf[l], self.stack)
            q, k, v = jnp.tensordot(normed(h, layer.norm[0]), layer.qkv, 1)
            keys, values = keys.at[l, i].set(k), values.at[l, i].set(v)
            h = h + attend(q[None], keys[l], values[l], before, layer.out)[0]
            return perceptron(h, layer), keys, values

        h, *cache = jax.lax.fori_loop(0, self.layers, one, (h, *state))
        return State(*cache), self.out @ normed(h, self.gain) + self.constant[i]


def attend(
    q: Float[Array, "M heads d"],
    k: Float[Array, "N heads d"],
    v: Float[Array, "N heads d"],
    before: Bool[Array, "M N"],
    out: Float[Array, "heads d width"],
) -> Float[Array, "M width"]:
    """Σ_j softmax_j(q_i k_j / √d) v_j over the allowed j, for each head; then mixed."""
    score = jnp.einsum("ihd,jhd->hij", q, k) * jnp.float32(q.shape[-1] ** -0.5)
    weight = jax.nn.softmax(jnp.where(before[None], score, -jnp.inf))
    return jnp.einsum("hij,jhd,hdw->iw", weight, v, out)


def perceptron(h: Float[Array, "*N width"], layer: Layer) -> Float[Array, "*N width"]:
    """h + W' gelu(W norm(h) + b)."""
    wide = jnp.tensordot(normed(h, layer.norm[1]), layer.up, 1)
    bias = jnp.broadcast_to(layer.up_bias, wide.shape)
    return h + jnp.tensordot(jax.nn.gelu(wide + bias), layer.down, 1)


def normed(h: Float[Array, "*N width"], gain: Float[Array, " width"]) -> Float[Array, "*N width"]:
    """g h / √<h²>.  Ref: arXiv:1910.07467."""
    scale = jax.lax.rsqrt(jnp.mean(h * h, axis=-1, keepdims=True) + jnp.float32(1e-6))
    return h * scale * jnp.broadcast_to(gain, h.shape)
