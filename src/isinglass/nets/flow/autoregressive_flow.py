# SPDX-License-Identifier: Apache-2.0
"""Masked autoregressive flow, x_i = z_i exp(s_i(x_<i)) + t_i(x_<i): a triangular Jacobian.

x -> z is one pass, z -> x is N passes; `Inverted` exchanges the two (inverse autoregressive flow).
Refs: Papamakarios et al. 2017, arXiv:1705.07057; Kingma et al. 2016, arXiv:1606.04934; Germain et al. 2015,
arXiv:1502.03509.
"""

from collections.abc import Sequence
from math import prod

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.flow import AbstractBijection, Composition, Flow, Inverted, Mapped, stack

__all__ = ["MaskedAutoregressive", "autoregressive_flow"]


class MaskedAutoregressive(AbstractBijection):
    """x_i = z_i exp(s_i) + t_i, s and t of the sites before i in lattice order, or `reverse` order; |s| <= bound.

    ln|det| = Σ_i s_i.  One masked perceptron: a hidden unit of degree m depends on the sites before number m,
    and the outputs of number m or later depend on it.
    Law: ∂x_i/∂z_j = 0 exactly for j > i; with z2, f(-z) = -f(z) exactly.
    Cost: N hidden + hidden² for x -> z, N times that for z -> x.
    """

    weights: tuple[Float[Array, "in out"], ...]
    biases: tuple[Float[Array, " out"], ...] | None
    even: Float[Array, "in N"]
    even_bias: Float[Array, " N"]
    odd: Float[Array, "in N"]
    odd_bias: Float[Array, " N"] | None
    shape: tuple[int, ...] = eqx.field(static=True)
    hidden: tuple[int, ...] = eqx.field(static=True)
    reverse: bool = eqx.field(static=True)
    z2: bool = eqx.field(static=True)
    bound: float = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        hidden: Sequence[int] = (128, 128),
        reverse: bool = False,
        z2: bool = False,
        bound: float = 2.0,
    ):
        self.shape, self.hidden, self.reverse, self.z2, self.bound = tuple(shape), tuple(hidden), reverse, z2, bound
        widths = (prod(self.shape), *self.hidden)
        pairs = zip(jax.random.split(key, len(self.hidden)), widths[:-1], widths[1:], strict=True)
        # half of the weights are masked, so that a sum of n/2 terms has variance 1
        scaled = lambda k, n, m: jax.random.normal(k, (n, m), jnp.float32) * jnp.sqrt(jnp.float32(2 / n))  # noqa: E731
        self.weights = tuple(scaled(*pair) for pair in pairs)
        self.biases = None if z2 else tuple(jnp.zeros(m, jnp.float32) for m in self.hidden)
        self.even = jnp.zeros((widths[-1], widths[0]), jnp.float32)
        self.odd, self.even_bias = jnp.zeros_like(self.even), jnp.zeros(widths[0], jnp.float32)
        self.odd_bias = None if z2 else jnp.zeros_like(self.even_bias)

    def masks(self) -> list[np.ndarray]:
        """1 where a weight may be: from degree a to degree b >= a; the last one, to the outputs, is for b >= a too.

        Site number i = 0, ..., N-1 has degree i + 1 as an input and i as an output.
        """
        N = prod(self.shape)
        hidden = [1 + np.arange(width) % max(1, N - 1) for width in self.hidden]
        degrees = [1 + np.arange(N), *hidden, np.arange(N)]
        return [a[:, None] <= b[None, :] for a, b in zip(degrees[:-1], degrees[1:], strict=True)]

    def scale_and_shift(self, x: Float[Array, " N"]) -> tuple[Float[Array, " N"], Float[Array, " N"]]:
        """s and t of all sites."""
        *masks, last = (mask.astype(x.dtype) for mask in self.masks())
        h = x
        for i, (weight, mask) in enumerate(zip(self.weights, masks, strict=True)):
            h = h @ (weight * mask)
            h = jnp.tanh(h if self.biases is None else h + self.biases[i])
        s = (h * h if self.z2 else h) @ (self.even * last) + self.even_bias
        t = h @ (self.odd * last)
        return self.bound * jnp.tanh(s / self.bound), t if self.odd_bias is None else t + self.odd_bias

    def flat(self, x: Float[Array, "*site"]) -> Float[Array, " N"]:
        """The sites in the order of this layer."""
        return jnp.flip(x.ravel()) if self.reverse else x.ravel()

    def lattice(self, x: Float[Array, " N"]) -> Float[Array, "*site"]:
        """Back to the lattice."""
        return (jnp.flip(x) if self.reverse else x).reshape(self.shape)

    def forward(self, z: Float[Array, "*site"]) -> Mapped:
        """Site after site: after pass i the first i sites are right."""
        flat = self.flat(z)

        def one_more(x, _):
            s, t = self.scale_and_shift(x)
            return flat * jnp.exp(s) + t, None

        x, _ = jax.lax.scan(one_more, flat, None, length=flat.size)
        return self.lattice(x), jnp.sum(self.scale_and_shift(x)[0])

    def inverse(self, x: Float[Array, "*site"]) -> Mapped:
        """All sites at once."""
        flat = self.flat(x)
        s, t = self.scale_and_shift(flat)
        return self.lattice((flat - t) * jnp.exp(-s)), -jnp.sum(s)


def autoregressive_flow(
    key: Key[Array, ""],
    shape: Sequence[int],
    *,
    layers: int = 4,
    hidden: Sequence[int] = (128, 128),
    z2: bool = True,
    inverse: bool = False,
) -> Flow:
    """Masked layers in alternating order on a standard normal; `layers` is even.

    `inverse`: quick to sample (training from the energy), slow to evaluate; without, the other way round (from data).
    """

    def both(key: Key[Array, ""]) -> Composition:
        keys = jax.random.split(key)
        made = [
            MaskedAutoregressive(key=k, shape=shape, hidden=hidden, reverse=reverse, z2=z2)
            for k, reverse in zip(keys, (False, True), strict=True)
        ]
        return Composition(tuple(Inverted(layer) if inverse else layer for layer in made))

    return Flow(StandardNormal(tuple(shape)), stack(key, layers // 2, both))
