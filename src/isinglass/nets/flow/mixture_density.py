# SPDX-License-Identifier: Apache-2.0
"""Mixture density network: normal laws whose weights, means and widths depend on a context.

Bishop 1994, Neural Computing Research Group NCRG/94/004 (publications.aston.ac.uk/373).
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.nets.layer.mlp import MLP

__all__ = ["MixtureDensity"]

SPREAD = 0.5  # of the means that it begins with, in deviations
LARGEST = 7.0  # |ln| of a width


class MixtureDensity(AbstractDensity):
    """q(v given c) = Σ_k π_k N(v; m_k, P_k⁻¹), P_k = U_kᵀ U_k, U_k upper triangular with diagonal exp(s_k).

    π, m, s and what is above the diagonal are outputs of a network of c; `q.given(c)` is the density for one c.
    Begins with means apart, as wide as N(0, 1) together: mean 0 and variance 1.  Law: ∫ q dv = 1.
    """

    network: MLP
    context: Float[Array, " C"]  # which is given and not trained
    size: int = eqx.field(static=True)
    components: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], size: int, conditions: int, hidden: Sequence[int] = (64, 64),
                 components: int = 10):  # fmt: skip
        self.size, self.components = size, components
        key_net, key_means = jax.random.split(key)
        each = 1 + 2 * size + size * (size - 1) // 2
        mlp = MLP(key=key_net, in_shape=conditions, hidden=hidden, out=components * each, activation="silu")
        z = jax.random.normal(key_means, (components, size), jnp.float32)
        z = z - z.mean(axis=0, keepdims=True)
        means = SPREAD * z / jnp.maximum(z.std(axis=0, keepdims=True), 1e-6)  # of one component 0
        narrower = -0.5 * jnp.log1p(-jnp.mean(jnp.square(means), axis=0))
        bias = jnp.zeros((components, each), jnp.float32)
        bias = bias.at[:, 1 : 1 + size].set(means).at[:, 1 + size : 1 + 2 * size].set(narrower[None]).ravel()
        at_first = lambda m: (m.layers[-1].weight, m.layers[-1].bias)  # noqa: E731
        self.network = eqx.tree_at(at_first, mlp, (jnp.zeros_like(mlp.layers[-1].weight), bias))
        self.context = jnp.zeros(conditions, jnp.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.size,)

    def given(self, c: Float[Array, " C"]) -> "MixtureDensity":
        """q(v given c), a density of v."""
        return eqx.tree_at(lambda q: q.context, self, c.astype(jnp.float32))

    def settings(self) -> tuple[Float[Array, " K"], Float[Array, "K d"], Float[Array, "K d d"], Float[Array, " K"]]:
        """ln π, m, U and ln det U."""
        d, K = self.size, self.components
        a = self.network(self.context).reshape(K, -1)
        s = LARGEST * jnp.tanh(a[:, 1 + d : 1 + 2 * d] / LARGEST)
        U = jax.vmap(lambda s, off: jnp.diag(jnp.exp(s)).at[jnp.triu_indices(d, 1)].set(off))(s, a[:, 1 + 2 * d :])
        return jax.nn.log_softmax(a[:, 0]), a[:, 1 : 1 + d], U, jnp.sum(s, axis=1)

    def log_prob(self, x: Float[Array, " d"]) -> Float[Array, ""]:
        """ln Σ_k π_k |U_k| N(U_k (v - m_k))."""
        log_pi, m, U, log_det = self.settings()
        z = jnp.einsum("kij,kj->ki", U, x.astype(jnp.float32)[None] - m)
        each = log_pi + log_det - 0.5 * jnp.sum(z * z, axis=1)
        return jax.nn.logsumexp(each) - jnp.float32(0.5 * self.size) * jnp.log(jnp.float32(2 * jnp.pi))

    def draw_with_log_prob(self, key: Key[Array, ""]) -> tuple[Float[Array, " d"], Float[Array, ""]]:
        key_k, key_z = jax.random.split(key)
        log_pi, m, U, _ = self.settings()
        k = jax.random.categorical(key_k, log_pi)
        z = jax.random.normal(key_z, (self.size,), jnp.float32)
        v = m[k] + jax.scipy.linalg.solve_triangular(U[k], z)
        return v, self.log_prob(v)
