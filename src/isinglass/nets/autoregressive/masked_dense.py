# SPDX-License-Identifier: Apache-2.0
"""Masked dense network: at each variable a few hidden units per layer, each a function of earlier variables alone.

Ref: Germain et al. 2015, arXiv:1502.03509; for spins Wu, Wang and Zhang 2019, arXiv:1809.10606.
"""

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.autoregressive.autoregressive import AbstractAutoregressive

__all__ = ["MaskedDense"]


class State(NamedTuple):
    """What is known in the middle of sampling; zero for the variables to come."""

    x: Float[Array, "N q"]  # one-hot
    h: tuple[Float[Array, "N hidden"], ...]  # hidden units of each layer
    far: tuple[Float[Array, "B hidden"], ...]  # what earlier blocks add to the hidden units of this block
    far_out: Float[Array, "B q"]  # and to its logits


class MaskedDense(AbstractAutoregressive):
    """l_i = Σ_(j<i) (V_ij h_j + U_ij x_j) + c_i, h_i = tanh(Σ_(j<=i) W_ij x_j + b_i), x_j one-hot.

    Deeper layers add to the first: h_i + tanh(Σ_(j<=i) W'_ij h_j + b'_i).
    `hidden` units at each variable and layer; the direct term U is where it starts: an Ising chain needs no more.
    Cost: N² (hidden q + layers hidden²), for log_prob and for a sample alike.
    """

    first: Float[Array, "N hidden N q"]
    deeper: tuple[Float[Array, "N hidden N hidden"], ...]
    biases: tuple[Float[Array, "N hidden"], ...]
    out: Float[Array, "N q N hidden"]
    direct: Float[Array, "N q N q"]
    constant: Float[Array, "N q"]
    shape: tuple[int, ...] = eqx.field(static=True)
    values: tuple[int, ...] = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    order: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        values: Sequence[int] = (-1, 1),
        hidden: int = 4,
        layers: int = 1,
        order: str = "raster",
    ):
        self.shape, self.values, self.order = tuple(shape), tuple(values), order
        self.hidden, self.layers = hidden, layers
        N, q = prod(self.shape), len(self.values)
        keys = jax.random.split(key, layers)
        scale = jnp.float32((2 / N) ** 0.5)
        self.first = scale * jax.random.normal(keys[0], (N, hidden, N, q), jnp.float32)
        narrow = jnp.float32((1 / (N * hidden)) ** 0.5)
        self.deeper = tuple(narrow * jax.random.normal(k, (N, hidden, N, hidden), jnp.float32) for k in keys[1:])
        self.biases = tuple(jnp.zeros((N, hidden), jnp.float32) for _ in range(layers))
        self.out = jnp.zeros((N, q, N, hidden), jnp.float32)
        self.direct = jnp.zeros((N, q, N, q), jnp.float32)
        self.constant = jnp.zeros((N, q), jnp.float32)

    def logits(self, a: Int[Array, " N"]) -> Float[Array, "N q"]:
        """All conditionals; masks make h_i a function of x_<=i and l_i one of h_<i."""
        N = self.size
        i, j = jnp.arange(N)[:, None], jnp.arange(N)[None, :]
        upto, before = ((j <= i).astype(jnp.float32), (j < i).astype(jnp.float32))
        x = jax.nn.one_hot(a, len(self.values), dtype=jnp.float32)
        h = jnp.tanh(dense(self.first, upto, x) + self.biases[0])
        for weight, bias in zip(self.deeper, self.biases[1:], strict=True):
            h = h + jnp.tanh(dense(weight, upto, h) + bias)
        return dense(self.out, before, h) + dense(self.direct, before, x) + self.constant

    def begin(self) -> State:
        """Nothing is known: zeros, which add nothing."""
        zeros = lambda *shape: jnp.zeros(shape, jnp.float32)  # noqa: E731
        N, B, q, H = self.size, self.block, len(self.values), self.hidden
        return State(zeros(N, q), (zeros(N, H),) * self.layers, (zeros(B, H),) * self.layers, zeros(B, q))

    def advance(self, state: State, i: Int[Array, ""], previous: Int[Array, ""]) -> tuple[State, Float[Array, " q"]]:
        """Enter x_(i-1), compute the hidden units of variable i - 1 alone, and read off l_i."""
        k = jnp.maximum(i - 1, 0)
        known = (i > 0).astype(jnp.float32)
        x = state.x.at[k].set(known * jax.nn.one_hot(previous, len(self.values), dtype=jnp.float32))
        h: list[Array] = []
        for weight, bias, far, layer in zip(self.weights, self.biases, state.far, state.h, strict=True):
            below = x if not h else h[-1]
            new = jnp.tanh(far[k % self.block] + self.near(weight, k, below) + bias[k])
            new = new if not h else new + h[-1][k]
            h.append(layer.at[k].set(known * new))
        far, far_out = jax.lax.cond(
            i % self.block == 0, lambda: self.from_far(i, x, tuple(h)), lambda: (state.far, state.far_out)
        )
        logits = far_out[i % self.block] + self.near(self.out, i, h[-1]) + self.near(self.direct, i, x)
        return State(x, tuple(h), far, far_out), logits + self.constant[i]

    def near(self, weight: Float[Array, "N out N in"], i: Int[Array, ""], h: Float[Array, "N in"]) -> Array:
        """Σ_j W_ij h_j over the block that i is in."""
        start = i - i % self.block
        slab = jax.lax.dynamic_slice_in_dim(weight[i], start, self.block, axis=1)
        return jnp.tensordot(slab, jax.lax.dynamic_slice_in_dim(h, start, self.block), 2)

    def from_far(self, i: Int[Array, ""], x: Float[Array, "N q"], h: tuple[Array, ...]) -> tuple[tuple, Array]:
        """What all earlier blocks add to the block that begins at i: one matrix product; later variables are zero."""
        rows = lambda weight: jax.lax.dynamic_slice_in_dim(weight, i, self.block)  # noqa: E731
        below = (x, *h[:-1])
        far = tuple(jnp.tensordot(rows(weight), state, 2) for weight, state in zip(self.weights, below, strict=True))
        return far, jnp.tensordot(rows(self.out), h[-1], 2) + jnp.tensordot(rows(self.direct), x, 2)

    @property
    def weights(self) -> tuple[Float[Array, "N hidden N in"], ...]:
        """Weights of all hidden layers, the first and the deeper ones."""
        return (self.first, *self.deeper)

    @property
    def block(self) -> int:
        """Variables sampled between two large matrix products: the divisor of N nearest to its root."""
        N = self.size
        return min((d for d in range(1, N + 1) if N % d == 0), key=lambda d: abs(d - N**0.5))


def dense(
    weight: Float[Array, "N out N in"], mask: Float[Array, "N N"], h: Float[Array, "N in"]
) -> Float[Array, "N out"]:
    """Σ_j M_ij W_ij h_j."""
    return jnp.tensordot(weight * mask[:, None, :, None], h, 2)
