# SPDX-License-Identifier: Apache-2.0
"""Masked dense network: at each variable a few hidden units per layer, each seeing only earlier variables.

Ref: Germain et al. 2015, arXiv:1502.03509; for spins Wu, Wang and Zhang 2019, arXiv:1809.10606.
"""

from collections.abc import Sequence
from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, Key

from isinglass.nets.autoregressive import AbstractAutoregressive

__all__ = ["MaskedDense"]


class MaskedDense(AbstractAutoregressive):
    """h⁰ = one-hot x; h^(k+1)_i = h^k_i + f(Σ_(j<=i) W^k_ij h^k_j + b^k_i); l_i = Σ_(j<i) V_ij h_j + Σ_(j<i) U_ij h⁰_j + c_i.

    `hidden` units at each variable and layer; the direct term U is where it starts: an Ising chain needs no more.
    Cost: N² (hidden q + layers hidden²), for log_prob and for a draw alike.
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

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        values: Sequence[int] = (-1, 1),
        hidden: int = 4,
        layers: int = 1,
    ):
        self.shape, self.values, self.hidden, self.layers = tuple(shape), tuple(values), hidden, layers
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

    def begin(self) -> tuple[Float[Array, "N q"], tuple[Float[Array, "N hidden"], ...]]:
        """Nothing is known: zeros, which add nothing."""
        N = self.size
        return jnp.zeros((N, len(self.values)), jnp.float32), tuple(
            jnp.zeros((N, self.hidden), jnp.float32) for _ in range(self.layers)
        )

    def advance(self, state, i: Int[Array, ""], previous: Int[Array, ""]):
        """Enter x_(i-1), compute the hidden units of variable i - 1 alone, and read off l_i."""
        x, layers = state
        k = jnp.maximum(i - 1, 0)
        known = (i > 0).astype(jnp.float32)
        x = x.at[k].set(known * jax.nn.one_hot(previous, len(self.values), dtype=jnp.float32))
        new = jnp.tanh(jnp.tensordot(self.first[k], x, 2) + self.biases[0][k])
        found = [layers[0].at[k].set(known * new)]
        for weight, bias, layer in zip(self.deeper, self.biases[1:], layers[1:], strict=True):
            new = new + jnp.tanh(jnp.tensordot(weight[k], found[-1], 2) + bias[k])
            found.append(layer.at[k].set(known * new))
        logits = jnp.tensordot(self.out[i], found[-1], 2) + jnp.tensordot(self.direct[i], x, 2) + self.constant[i]
        return (x, tuple(found)), logits


def dense(
    weight: Float[Array, "N out N in"], mask: Float[Array, "N N"], h: Float[Array, "N in"]
) -> Float[Array, "N out"]:
    """Σ_j M_ij W_ij h_j."""
    return jnp.tensordot(weight * mask[:, None, :, None], h, 2)
