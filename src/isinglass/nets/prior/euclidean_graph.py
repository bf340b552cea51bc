# SPDX-License-Identifier: Apache-2.0
"""An equivariant graph network on points: messages along distances, vectors along differences.

m_ij = φ(h_i + h_j, r_ij²),  x_i <- x_i + Σ_j (x_i - x_j) ψ(m_ij)/(r_ij + 1),  h_i <- h_i + u(h_i, Σ_j m_ij).
Ref: Satorras, Hoogeboom and Welling 2021, arXiv:2102.09844.
"""

from collections.abc import Sequence
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.transport.graph_velocity import MessageLayer

__all__ = ["EuclideanGraph"]


class EuclideanGraph(eqx.Module):
    """f(x) of points x [n, d]: numbers, or a vector for each point; `species` numbers the kinds of points.

    Shape: "scalar" (out,), a sum over points; "vector" (n, d), how far the rounds of messages move them.
    Law: f(R x + a) = f(x), or R f(x), for R in O(d); and so for permutations within a species.
    Cannot tell a molecule from its mirror image.  Cost: layers n²/2 hidden².
    """

    embed: MLP
    rounds: tuple[MessageLayer, ...]
    read: MLP
    species: tuple[int, ...] = eqx.field(static=True)
    out: int = eqx.field(static=True)
    output: str = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self, *, key: Key[Array, ""], species: Sequence[int], out: int = 1,
        output: Literal["scalar", "vector"] = "scalar", hidden: int = 32, layers: int = 2, dtype: str = "float32",
    ):  # fmt: skip
        self.species, self.out, self.output = tuple(species), out, output
        self.hidden, self.layers, self.dtype = hidden, layers, dtype
        settings: dict[str, Any] = {"hidden": (hidden,), "activation": "silu", "dtype": dtype}
        k_embed, k_read, *keys = jax.random.split(key, layers + 2)
        self.embed = MLP(key=k_embed, in_shape=max(self.species) + 1, out=hidden, **settings)
        self.rounds = tuple(MessageLayer(k, hidden, dtype) for k in keys)
        self.read = MLP(key=k_read, in_shape=hidden, out=out, **settings)

    def __call__(self, x: Float[Array, "n d"], *, key: Key[Array, ""] | None = None) -> Float[Array, "..."]:
        """f(x); `key` is not used."""
        x = x.astype(self.dtype)
        h = jax.vmap(self.embed)(jnp.asarray(np.eye(max(self.species) + 1)[list(self.species)], x.dtype))
        moved = jnp.zeros_like(x)
        for layer in self.rounds:
            h, push = layer(h, x + moved)
            moved = moved + push
        return moved if self.output == "vector" else jax.vmap(self.read)(h).sum(axis=0)
