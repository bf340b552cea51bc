# SPDX-License-Identifier: Apache-2.0
"""PixelCNN without blind spot: a vertical stack over the rows above, a horizontal stack over the row so far.

    v_l(r, c) = v_(l-1) + gate[Σ A_l v_(l-1)(r - i, c + j)],   0 <= i <= k, |j| <= k, around the torus in c
    h_l(r, c) = h_(l-1) + gate[Σ B_l h_(l-1)(r, c - j) + C_l v_l(r, c)],   0 <= j <= k
    gate[a, b] = tanh(a) σ(b);   the first layers read x at i >= 1 and j >= 1 only.

Ref: van den Oord et al. 2016, arXiv:1606.05328.
"""

from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive
from isinglass.nets.autoregressive.local_field import LocalField, one_hot

__all__ = ["PixelCNN"]


class Layer(NamedTuple):
    """Weights of one layer; of all but the first, stacked along the first axis."""

    vertical: Float[Array, "height across in twice"]
    horizontal: Float[Array, "taps in twice"]
    cross: Float[Array, "width twice"]
    bias: Float[Array, "2 twice"]


class State(NamedTuple):
    """What is known in the middle of a row."""

    x: Float[Array, "M q"]  # one-hot by visit; zero for what is to come
    v: Float[Array, "layers upper W width"]  # vertical stack: this row and the k rows above it
    h: Float[Array, "layers k width"]  # horizontal stack: the k sites to the left


class PixelCNN(AbstractAutoregressive):
    """l_i = V h + local field.  Rows: the first axis; columns: all others together; a chain is one row.

    Cost: N layers (k+1)(2k+1) width², for log_prob and for a sample alike: a row of the vertical stack is computed when
    the row above is complete, and the horizontal stack at the new site alone.
    """

    first: Layer
    stack: Layer
    out: Float[Array, "q width"]
    field: LocalField
    shape: tuple[int, ...] = eqx.field(static=True)
    values: tuple[int, ...] = eqx.field(static=True)
    width: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    kernel: int = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        values: Sequence[int] = (-1, 1),
        width: int = 16,
        layers: int = 4,
        kernel: int = 3,
    ):
        if kernel % 2 == 0 or kernel < 3:
            raise ValueError(f"expected an odd kernel of at least 3; found {kernel}; try 3.")
        self.shape, self.values = tuple(shape), tuple(values)
        self.width, self.layers, self.kernel = width, layers, kernel
        k, q = kernel // 2, len(self.values)
        key_first, key_stack = jax.random.split(key)
        self.first = make_layer(key_first, (k, kernel, q, width), k)
        make = lambda key: make_layer(key, (k + 1, kernel, width, width), k + 1)  # noqa: E731
        self.stack = jax.vmap(make)(jax.random.split(key_stack, layers - 1))
        self.out = jnp.zeros((q, width), jnp.float32)
        self.field = LocalField(self.shape, q, self.order)

    @property
    def order(self) -> str:
        return "raster"

    @property
    def columns(self) -> int:
        """Sites in a row."""
        return self.size // self.shape[0] if len(self.shape) > 1 else self.size

    def logits(self, a: Int[Array, " N"]) -> Float[Array, "N q"]:
        """Convolutions over the whole lattice."""
        k, W, q = self.kernel // 2, self.columns, len(self.values)
        x = one_hot(a, q)
        lattice = x[:-1].reshape(-1, W, q)
        v = down(self.first, above(lattice, k)[:-1])
        h = along(self.first, before(lattice, k)[:, :-1], v)

        def one(carry, layer: Layer):
            v, h = carry
            v = v + down(layer, above(v, k))
            return (v, h + along(layer, before(h, k), v)), None

        (_, h), _ = jax.lax.scan(one, (v, h), self.stack)
        return h.reshape(-1, self.width) @ self.out.T + self.field(x)[1]

    def begin(self) -> State:
        """Nothing above and nothing to the left: zeros."""
        zeros = lambda *shape: jnp.zeros(shape, jnp.float32)  # noqa: E731
        k, q = self.kernel // 2, len(self.values)
        rows = zeros(self.layers, k + 1, self.columns, self.width)
        return State(zeros(self.size + 1, q), rows, zeros(self.layers, k, self.width))

    def advance(self, state: State, i: Int[Array, ""], previous: Int[Array, ""]) -> tuple[State, Float[Array, " q"]]:
        """Enter x_(i-1); at the beginning of a row compute its vertical stack; then one site of the horizontal one."""
        k, W, q = self.kernel // 2, self.columns, len(self.values)
        new = jax.nn.one_hot(previous, q, dtype=jnp.float32)
        x = state.x.at[jnp.where(i == 0, self.size, i - 1)].set(jnp.where(i == 0, jnp.zeros_like(new), new))
        left = jnp.where(i % W == 0, jnp.zeros_like(state.h), state.h)
        v = jax.lax.cond(i % W == 0, lambda: self.next_row(x, state.v, i // W), lambda: state.v)
        sites = jax.lax.dynamic_slice_in_dim(jnp.concatenate([jnp.zeros((k, q), jnp.float32), x]), i, k)
        sites = jnp.where((i % W + jnp.arange(-k, 0, dtype=i.dtype) >= 0)[:, None], sites, jnp.zeros_like(sites))
        here = v[:, -1, i % W]
        h = along(self.first, sites[None], here[0][None, None])[0, 0]

        def one(h, inputs):
            layer, left, here = inputs
            window = jnp.concatenate([left, h[None]])
            return h + along(layer, window[None], here[None, None])[0, 0], window[1:]

        h, known = jax.lax.scan(one, h, (self.stack, left[:-1], here[1:]))
        last = left[-1:]  # nothing reads the last layer again
        logits = self.out @ h + self.field.at(i, self.field.known(x, i))
        return State(x, v, jnp.concatenate([known, last])), logits

    def next_row(self, x: Float[Array, "M q"], v: Float[Array, "layers upper W width"], row: Int[Array, ""]) -> Array:
        """The vertical stack with this row below the k rows above it."""
        k, W, q = self.kernel // 2, self.columns, len(self.values)
        padded = jnp.concatenate([jnp.zeros((k * W, q), jnp.float32), x[:-1]])
        upper = jax.lax.dynamic_slice_in_dim(padded, row * W, k * W).reshape(k, W, q)
        new = down(self.first, upper)

        def one(below, inputs):
            layer, rows = inputs
            rows = jnp.concatenate([rows[1:], below])
            return below + down(layer, rows), rows

        new, known = jax.lax.scan(one, new, (self.stack, v[:-1]))
        return jnp.concatenate([known, jnp.concatenate([v[-1, 1:], new])[None]])


def make_layer(key: Key[Array, ""], size: tuple[int, int, int, int], taps: int) -> Layer:
    """Normal weights of variance 1/fan; no bias."""
    height, across, inputs, width = size
    keys = jax.random.split(key, 3)
    normal = lambda key, fan, *shape: jax.random.normal(key, shape, jnp.float32) * jnp.float32(fan**-0.5)  # noqa: E731
    return Layer(
        normal(keys[0], height * across * inputs, height, across, inputs, 2 * width),
        normal(keys[1], taps * inputs, taps, inputs, 2 * width),
        normal(keys[2], width, width, 2 * width),
        jnp.zeros((2, 2 * width), jnp.float32),
    )


def above(rows: Float[Array, "R W in"], k: int) -> Float[Array, "S W in"]:
    """With k rows of zeros above the first."""
    return jnp.pad(rows, ((k, 0), (0, 0), (0, 0)))


def before(rows: Float[Array, "R W in"], k: int) -> Float[Array, "R V in"]:
    """With k zeros to the left of each row."""
    return jnp.pad(rows, ((0, 0), (k, 0), (0, 0)))


def down(layer: Layer, rows: Float[Array, "S W in"]) -> Float[Array, "R W width"]:
    """Vertical stack: tap by tap, columns around the torus."""
    height, across = layer.vertical.shape[:2]
    R = rows.shape[0] - height + 1
    taps = [
        jnp.roll(rows[i : i + R], across // 2 - j, axis=1) @ layer.vertical[i, j]
        for i in range(height)
        for j in range(across)
    ]
    return gate(sum(taps[1:], taps[0]) + layer.bias[0][None, None])


def along(layer: Layer, row: Float[Array, "R V in"], v: Float[Array, "R W width"]) -> Float[Array, "R W width"]:
    """Horizontal stack: the taps to the left, and the vertical stack at the same place."""
    taps = layer.horizontal.shape[0]
    W = row.shape[1] - taps + 1
    left = [row[:, j : j + W] @ layer.horizontal[j] for j in range(taps)]
    return gate(sum(left[1:], left[0]) + v @ layer.cross + layer.bias[1][None, None])


def gate(y: Float[Array, "*n twice"]) -> Float[Array, "*n width"]:
    """Gated activation tanh(a) σ(b), a and b the halves of the last axis."""
    a, b = jnp.split(y, 2, axis=-1)
    return jnp.tanh(a) * jax.nn.sigmoid(b)
