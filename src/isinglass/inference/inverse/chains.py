# SPDX-License-Identifier: Apache-2.0
"""Samples of an Ising model with all couplings: heat bath, spin by spin, on many chains side by side.

Ref: Glauber 1963, doi:10.1063/1.1703954.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["heat_bath_chains"]


@partial(jax.jit, static_argnames=("warmup", "draws", "thin"))
def heat_bath_chains(
    key, J: Float[Array, "N N"], h: Float[Array, " N"], s: Float[Array, "chains N"], *, warmup: int, draws: int,
    thin: int,
) -> Float[Array, "draws chains N"]:  # fmt: skip
    """Every `thin` sweeps after the `warmup`, from s.  P(s_i = 1 | rest) = 1/(1 + exp(-2 f_i)), f = J s + h.

    Law: detailed balance.  Cost: N chains for a spin, since the fields are kept.
    """
    N = len(h)

    def visit(carry, inputs):
        s, f = carry
        i, u = inputs
        new = jnp.where(u < jax.nn.sigmoid(2 * f[:, i]), 1.0, -1.0).astype(s.dtype)
        f = f + (new - s[:, i])[:, None] * J[i][None]
        return (s.at[:, i].set(new), f), None

    def sweep(s, key):
        u = jax.random.uniform(key, (N, len(s)), s.dtype)
        return jax.lax.scan(visit, (s, s @ J + h[None]), (jnp.arange(N), u))[0][0], None

    def swept(s, keys):
        s, _ = jax.lax.scan(sweep, s, keys)
        return s, s

    first, later = jax.random.split(key)
    s, _ = jax.lax.scan(sweep, s, jax.random.split(first, warmup))
    return jax.lax.scan(swept, s, jax.random.split(later, (draws, thin)))[1]
