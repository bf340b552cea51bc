# SPDX-License-Identifier: Apache-2.0
"""A graph network on n equal things: messages between all pairs, or along the bonds that are given.

m_ij = φ(h_i, h_j, A_ij),  h_i <- h_i + u(h_i, Σ_j m_ij).  Ref: Gilmer et al. 2017, arXiv:1704.01212.
"""

from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key, Real

from isinglass.nets.layer.mlp import MLP

__all__ = ["GraphNetwork"]


class GraphNetwork(eqx.Module):
    """f(x) of rows x [n, entries], and of bonds A [n, n] where `bonds`; one number set, or one for each row.

    Shape: "scalar" (out,), the sum of the rows read; "same" (n, out).
    Law: f(P x, P A Pᵀ) = f(x, A), or P f(x, A), for every permutation P.  Any n.
    """

    embed: MLP
    messages: tuple[MLP, ...]
    updates: tuple[MLP, ...]
    read: MLP
    entries: int = eqx.field(static=True)
    out: int = eqx.field(static=True)
    output: str = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    bonds: bool = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], entries: int, out: int = 1, output: Literal["scalar", "same"] = "scalar",
        hidden: int = 32, layers: int = 1, bonds: bool = False, dtype: str = "float32",
    ):  # fmt: skip
        self.entries, self.out, self.output = entries, out, output
        self.hidden, self.layers, self.bonds, self.dtype = hidden, layers, bonds, dtype
        settings: dict[str, Any] = {"hidden": (hidden,), "activation": "silu", "dtype": dtype}
        k_embed, k_read, *keys = jax.random.split(key, 2 + 2 * layers)
        self.embed = MLP(key=k_embed, in_shape=entries, out=hidden, **settings)
        width = 2 * hidden + int(bonds)
        self.messages = tuple(MLP(key=k, in_shape=width, out=hidden, **settings) for k in keys[::2])
        self.updates = tuple(MLP(key=k, in_shape=2 * hidden, out=hidden, **settings) for k in keys[1::2])
        self.read = MLP(key=k_read, in_shape=hidden, out=out, **settings)

    def __call__(
        self, x: Real[Array, "n ..."], A: Real[Array, "n n"] | None = None, *, key: Key[Array, ""] | None = None
    ) -> Float[Array, "..."]:
        """f(x), or f(x, A); `key` is not used."""
        n = x.shape[0]
        h = jax.vmap(self.embed)(x.reshape(n, -1).astype(self.dtype))
        i, j = np.nonzero(~np.eye(n, dtype=bool))
        bond = None if A is None else A[i, j][:, None].astype(h.dtype)
        for message, update in zip(self.messages, self.updates, strict=True):
            ends = [h[i], h[j]] if bond is None else [h[i], h[j], bond]
            m = jax.vmap(message)(jnp.concatenate(ends, axis=1))
            m = m if bond is None else m * bond
            total = m.reshape(n, n - 1, self.hidden).sum(axis=1) / max(1, n - 1)
            h = h + jax.vmap(update)(jnp.concatenate([h, total], axis=1))
        each = jax.vmap(self.read)(h)
        return each.sum(axis=0) if self.output == "scalar" else each
