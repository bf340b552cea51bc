# SPDX-License-Identifier: Apache-2.0
"""Front network: each conditional depends on the newest variable of each column and on the first row alone.

With couplings between neighbors the rest of the lattice is independent of the rows between, given these two: the
restriction is exact.  One network serves all sites: its input are the columns from its own onwards, around the torus;
the site enters through gains.
"""

from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive

__all__ = ["Front"]


class State(NamedTuple):
    """The variables that border on the unknown part of the lattice; zero where not known."""

    newest: Float[Array, "W m"]  # the newest variable of each column
    first: Float[Array, "W m"]  # the first row


class Front(AbstractAutoregressive):
    """l_ia = e_a u_i,  u_i = (A_r + B_c) y_i + V h,  h_1 = tanh(g_r g_c W y_i), h_(l+1) = h_l + tanh(g_l W_l h_l).

    y_i: newest variable of the columns c, c+1, ... and first row from column c on, coded by e_a: ±1 for two values.
    Law: all maps are odd, so that for two values q(-x) = q(x), exactly.  A field or q > 2 values: `even=False` adds
    constants.  Rows: the first axis; columns: all others together.
    Cost: N hidden (2 W + layers hidden), W columns, for log_prob and for a sample alike.
    """

    inner: Float[Array, "hidden inputs m"]
    deeper: tuple[Float[Array, "hidden hidden"], ...]
    row_gain: Float[Array, "layers rows hidden"]
    column_gain: Float[Array, "layers W hidden"]
    bias: Float[Array, "layers hidden"] | None
    out: Float[Array, "m hidden"]
    by_row: Float[Array, "rows m inputs m"]
    by_column: Float[Array, "W m inputs m"]
    constant: Float[Array, "N m"] | None
    shape: tuple[int, ...] = eqx.field(static=True)
    values: tuple[int, ...] = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    even: bool = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        values: Sequence[int] = (-1, 1),
        hidden: int = 32,
        layers: int = 2,
        even: bool = True,
    ):
        self.shape, self.values, self.even = tuple(shape), tuple(values), even
        self.hidden, self.layers = hidden, layers
        if even and len(self.values) > 2:
            raise ValueError(f"expected two values for an even density; found {len(self.values)}; give even=False.")
        m, W, rows = self.code.shape[1], self.columns, self.size // self.columns
        keys = jax.random.split(key, layers)
        normal = lambda key, fan, *size: jax.random.normal(key, size, jnp.float32) * jnp.float32(fan**-0.5)  # noqa: E731
        zeros = lambda *size: jnp.zeros(size, jnp.float32)  # noqa: E731
        self.inner = normal(keys[0], 2 * W * m, hidden, 2 * W, m)
        self.deeper = tuple(normal(k, hidden, hidden, hidden) for k in keys[1:])
        self.row_gain = jnp.ones((layers, rows, hidden), jnp.float32)
        self.column_gain = jnp.ones((layers, W, hidden), jnp.float32)
        self.bias = None if even else zeros(layers, hidden)
        self.out = zeros(m, hidden)
        self.by_row, self.by_column = zeros(rows, m, 2 * W, m), zeros(W, m, 2 * W, m)
        self.constant = None if even else zeros(self.size, m)

    @property
    def order(self) -> str:
        return "raster"

    @property
    def columns(self) -> int:
        """W, the sites in a row."""
        return self.size // self.shape[0] if len(self.shape) > 1 else self.size

    @property
    def code(self) -> Float[np.ndarray, "q m"]:
        """e_a: ±1 for two values, else one-hot less its mean."""
        q = len(self.values)
        return np.array([[-1.0], [1.0]], np.float32) if q == 2 else np.eye(q, dtype=np.float32) - np.float32(1 / q)

    def logits(self, a: Int[Array, " N"]) -> Float[Array, "N q"]:
        """All sites at once."""
        W, N = self.columns, self.size
        x = jnp.asarray(self.code)[a].reshape(-1, W, self.code.shape[1])
        rows = jnp.concatenate([jnp.zeros_like(x[:1]), x])  # row r + 1 of these is row r of the lattice
        r, c, column = np.ogrid[: N // W, :W, :W]
        source = (c + column) % W  # the column of each input
        newest = rows[np.where(source < c, r + 1, r), source]
        first = x[0][np.broadcast_to(source, newest.shape[:3])]
        known = (np.where(source < c, r >= 0, r > 0)).astype(np.float32)[..., None]
        y = jnp.concatenate([newest, first * known], axis=2).reshape(N, 2 * W, -1)
        return jax.vmap(self.conditional)(jnp.arange(N), y)

    def begin(self) -> State:
        zero = jnp.zeros((self.columns, self.code.shape[1]), jnp.float32)
        return State(zero, zero)

    def advance(self, state: State, i: Int[Array, ""], previous: Int[Array, ""]) -> tuple[State, Float[Array, " q"]]:
        """The variable before enters the front; then the network at one site."""
        W, column = self.columns, (i - 1) % self.columns
        new = jnp.asarray(self.code)[previous]
        newest = jnp.where(i > 0, state.newest.at[column].set(new), state.newest)
        first = jnp.where((i > 0) & (i <= W), newest, state.first)
        y = jnp.concatenate([jnp.roll(newest, -(i % W), axis=0), jnp.roll(first, -(i % W), axis=0)])
        return State(newest, first), self.conditional(i, y)

    def conditional(self, i: Int[Array, ""], y: Float[Array, "inputs m"]) -> Float[Array, " q"]:
        """l_i from the inputs of site i."""
        r, c = i // self.columns, i % self.columns
        h = jnp.zeros(self.hidden, jnp.float32)
        for layer, weight in enumerate((self.inner, *self.deeper)):
            z = jnp.tensordot(weight, y, 2) if layer == 0 else weight @ h
            z = z * self.row_gain[layer, r] * self.column_gain[layer, c]
            h = h + jnp.tanh(z if self.bias is None else z + self.bias[layer])
        u = jnp.tensordot(self.by_row[r] + self.by_column[c], y, 2) + self.out @ h
        return jnp.asarray(self.code) @ (u if self.constant is None else u + self.constant[i])
