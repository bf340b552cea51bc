# SPDX-License-Identifier: Apache-2.0
"""Spline coupling of a few real variables with a context: half of them at a time, set by the others.

Durkan et al. 2019, arXiv:1906.04032, section 4.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.nets.layer.mlp import MLP
from isinglass.nets.layer.rational_quadratic import knots, spline, spline_inverse

__all__ = ["CouplingSplines"]

BOUND = 4.0  # splines bend on [-BOUND, BOUND]; straight beyond
LARGEST = 3.0  # |s| of a coupling


class CouplingSplines(AbstractDensity):
    """z = f_1(... f_n(v)), normal; f_l: z_i = g_i((v_i - t_i) exp(-s_i)) for every other variable, in turn.

    g, s and t are outputs of a network of the other variables and of the context c; with one variable, of c alone.
    `q.given(c)` is the density for one c.  Begins as N(0, 1).  Law: ∫ q dv = 1.
    """

    networks: tuple[MLP, ...]
    context: Float[Array, " C"]  # which is given and not trained
    size: int = eqx.field(static=True)
    bins: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], size: int, conditions: int, hidden: Sequence[int] = (64, 64),
                 bins: int = 8, couplings: int = 4):  # fmt: skip
        self.size, self.bins = size, bins
        of = lambda k: MLP(key=k, in_shape=size + conditions, hidden=hidden, out=size * (3 * bins + 3),  # noqa: E731
                           activation="silu")  # fmt: skip
        last = lambda m: m.layers[-1]  # noqa: E731
        zero = lambda m: eqx.tree_at(last, m, jax.tree.map(jnp.zeros_like, last(m)))  # noqa: E731
        self.networks = tuple(zero(of(k)) for k in jax.random.split(key, couplings))
        self.context = jnp.zeros(conditions, jnp.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.size,)

    def given(self, c: Float[Array, " C"]) -> "CouplingSplines":
        """q(v given c), a density of v."""
        return eqx.tree_at(lambda q: q.context, self, c.astype(jnp.float32))

    def coupling(self, number: int, still: Float[Array, " d"]):
        """Which variables move, s, t and the knots."""
        moves = np.arange(self.size) % 2 == number % 2 if self.size > 1 else np.ones(1, bool)
        inputs = jnp.concatenate([jnp.where(moves, 0.0, still), self.context])
        a, K = self.networks[number](inputs).reshape(self.size, -1), self.bins
        s = LARGEST * jnp.tanh(a[:, -2] / LARGEST)
        return moves, s, a[:, -1], knots(a[:, :K], a[:, K : 2 * K], a[:, 2 * K : 3 * K + 1], BOUND)

    def latent(self, v: Float[Array, " d"]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        """z and ln|det dz/dv|."""
        total = jnp.zeros((), v.dtype)
        for number in reversed(range(len(self.networks))):
            moves, s, t, k = self.coupling(number, v)
            z, log_slope = spline((v - t) * jnp.exp(-s), k, BOUND)
            v, total = jnp.where(moves, z, v), total + jnp.sum(jnp.where(moves, log_slope - s, 0.0))
        return v, total

    def log_prob(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        z, log_det = self.latent(x.astype(jnp.float32))
        return log_det - 0.5 * jnp.sum(z * z + jnp.log(jnp.float32(2 * jnp.pi)))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        v = jax.random.normal(key, (self.size,), jnp.float32)
        for number in range(len(self.networks)):
            moves, s, t, k = self.coupling(number, v)
            v = jnp.where(moves, spline_inverse(v, k, BOUND)[0] * jnp.exp(s) + t, v)
        return v, self.log_prob(v)
