# SPDX-License-Identifier: Apache-2.0
"""Sets in a few numbers: f(x) = rho(mean_i phi(x_i), ln n), the same for any order.

Ref: Zaheer et al. 2017, arXiv:1703.06114.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP

__all__ = ["ABSENT", "DeepSet"]

ABSENT = 1e6  # in place of an entry that is not there; numbers are of order one


class DeepSet(eqx.Module):
    """f(x) = rho(mean over the n rows of phi(row), ln n); rows with ABSENT in them are not there.

    Shape: x (rows, entries) or (rows,); result (out,).  Law: f(rows in another order) = f(x).
    """

    phi: MLP
    rho: MLP
    in_shape: tuple[int, ...] = eqx.field(static=True)
    out: int = eqx.field(static=True)
    width: int = eqx.field(static=True)

    def __init__(self, *, key: Key[Array, ""], in_shape: Sequence[int], out: int = 32, width: int = 64):
        self.in_shape, self.out, self.width = tuple(in_shape), out, width
        entries = self.in_shape[1] if len(self.in_shape) > 1 else 1
        key_phi, key_rho = jax.random.split(key)
        self.phi = MLP(key=key_phi, in_shape=entries, hidden=(width, width), out=width, activation="silu")
        self.rho = MLP(key=key_rho, in_shape=width + 1, hidden=(width,), out=out, activation="silu")

    def __call__(self, x: Real[Array, "..."]) -> Float[Array, " out"]:
        """The numbers that say x."""
        rows = x.reshape(x.shape[0], -1).astype(jnp.float32)
        there = (rows < ABSENT).all(axis=1)
        each = jax.vmap(self.phi)(jnp.where(there[:, None], rows, 0.0))
        n = jnp.maximum(there.sum(), 1).astype(jnp.float32)
        mean = jnp.where(there[:, None], each, 0.0).sum(axis=0) / n
        return self.rho(jnp.append(mean, jnp.log(n)))
