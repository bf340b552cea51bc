# SPDX-License-Identifier: Apache-2.0
"""Velocity of particles from an equivariant graph network: messages along distances, motion along differences.

m_ij = f_e(h_i + h_j, d_ij²),  v_i = Σ_j (x_i - x_j) f_x(m_ij)/(d_ij + 1),  h_i <- h_i + f_h(h_i, Σ_j m_ij), layer by
layer.  Ref: Satorras, Hoogeboom and Welling 2021, arXiv:2102.09844; as flow Satorras et al. 2021, arXiv:2105.09016.
"""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

from isinglass.nets.layer.mlp import MLP
from isinglass.nets.transport.pair_velocity import distances, pair_differences
from isinglass.nets.transport.velocity import AbstractVelocity, Moved, exact_divergence, time_features

__all__ = ["GraphVelocity"]


class MessageLayer(eqx.Module):
    """One round of messages: what is added to h and to x of every particle."""

    edge: MLP
    move: MLP
    node: MLP

    def __init__(self, key: Key[Array, ""], hidden: int, dtype: str):
        """All perceptrons have one hidden layer of `hidden` neurons; the last one of `move` is small."""
        k_edge, k_move, k_node = jax.random.split(key, 3)
        settings: dict[str, Any] = {"hidden": (hidden,), "activation": "silu", "dtype": dtype}
        self.edge = MLP(key=k_edge, in_shape=hidden + 1, out=hidden, **settings)
        move = MLP(key=k_move, in_shape=hidden, out=1, **settings)
        self.move = eqx.tree_at(lambda m: m.layers[-1].weight, move, replace_fn=lambda w: 0.01 * w)
        self.node = MLP(key=k_node, in_shape=2 * hidden, out=hidden, **settings)

    def __call__(self, h: Float[Array, "n hidden"], x: Float[Array, "n d"]) -> tuple[Array, Array]:
        """h after the round, and how far it moves every particle."""
        B, r = pair_differences(x)
        d = distances(r)
        i, j = np.triu_indices(x.shape[0], 1)
        message = jax.nn.silu(jax.vmap(self.edge)(jnp.concatenate([h[i] + h[j], (d * d)[:, None]], axis=1)))
        push = jax.vmap(self.move)(message) / (d + 1)[:, None]
        collected = jnp.abs(B) @ message / x.shape[0]
        h = h + jax.vmap(self.node)(jnp.concatenate([h, collected], axis=1))
        return h, B @ (push * r) / x.shape[0]


class GraphVelocity(AbstractVelocity):
    """v(t, x) = how far `layers` rounds of messages move x; h begins with the species and the time.

    Shape: (n, D), `species` numbers the kinds of particles.
    Law: commutes with rotations, reflections and permutations within a species, unchanged by translations; Σ_i v_i = 0.
    Cost: layers n²/2 hidden², and n D + 1 times that with the divergence.
    """

    embed: MLP
    rounds: tuple[MessageLayer, ...]
    shape: tuple[int, ...] = eqx.field(static=True)
    species: tuple[int, ...] = eqx.field(static=True)
    hidden: int = eqx.field(static=True)
    layers: int = eqx.field(static=True)
    frequencies: int = eqx.field(static=True)
    dtype: str = eqx.field(static=True)

    def __init__(
        self,
        *,
        key: Key[Array, ""],
        shape: Sequence[int],
        species: Sequence[int] | None = None,
        hidden: int = 32,
        layers: int = 3,
        frequencies: int = 2,
        dtype: str = "float32",
    ):
        self.shape, self.hidden, self.layers = tuple(shape), hidden, layers
        self.frequencies, self.dtype = frequencies, dtype
        self.species = (0,) * self.shape[0] if species is None else tuple(species)
        if len(self.species) != self.shape[0]:
            raise ValueError(f"expected {self.shape[0]} species; found {len(self.species)}; give one per particle.")
        k_embed, *keys = jax.random.split(key, layers + 1)
        inputs = max(self.species) + 1 + 1 + 2 * frequencies
        self.embed = MLP(key=k_embed, in_shape=inputs, hidden=(hidden,), out=hidden, activation="silu", dtype=dtype)
        self.rounds = tuple(MessageLayer(k, hidden, dtype) for k in keys)

    def __call__(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Float[Array, "*site"]:
        """What the rounds of messages move."""
        kinds = jnp.asarray(np.eye(max(self.species) + 1)[list(self.species)], x.dtype)
        time = time_features(t.astype(x.dtype), self.frequencies)
        h = jax.vmap(self.embed)(jnp.concatenate([kinds, jnp.broadcast_to(time, (len(kinds), time.size))], axis=1))
        v = jnp.zeros_like(x)
        for layer in self.rounds:
            h, push = layer(h, x + v)
            v = v + push
        return v

    def with_divergence(self, t: Float[Array, ""], x: Float[Array, "*site"]) -> Moved:
        return exact_divergence(lambda x: self(t, x), x)
