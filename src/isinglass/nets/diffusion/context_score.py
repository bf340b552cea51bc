# SPDX-License-Identifier: Apache-2.0
"""Dense network for denoising that depends on a context besides: the diffusion of a conditional density.

Geffner, Papamakarios and Mnih 2023, arXiv:2209.14249; Sharrock et al. 2022, arXiv:2210.04872.
"""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.diffusion.noise_embedding import NoiseEmbedding
from isinglass.nets.layer.mlp import MLP

__all__ = ["ContextScore"]


class ContextScore(eqx.Module):
    """F(x, λ; c) = network(x, c, e(λ)), of the shape of x; `F.given(c)` for one c.  Zero at first."""

    mlp: MLP
    embedding: NoiseEmbedding
    context: Float[Array, " C"]  # which is given and not trained

    def __init__(self, *, key: Key[Array, ""], size: int, conditions: int, hidden: Sequence[int] = (64, 64),
                 waves: int = 32):  # fmt: skip
        key_net, key_noise = jax.random.split(key)
        mlp = MLP(key=key_net, in_shape=size + conditions + waves, hidden=hidden, out=size, activation="silu")
        self.mlp = eqx.tree_at(lambda m: m.layers[-1], mlp, jax.tree.map(jnp.zeros_like, mlp.layers[-1]))
        self.embedding, self.context = NoiseEmbedding(waves, key=key_noise), jnp.zeros(conditions, jnp.float32)

    def given(self, c: Float[Array, " C"]) -> "ContextScore":
        """F(x, λ) for one c."""
        return eqx.tree_at(lambda f: f.context, self, c.astype(jnp.float32))

    def __call__(self, x: Float[Array, " d"], log_snr: Float[Array, ""]) -> Float[Array, " d"]:
        return self.mlp(jnp.concatenate([x.astype(jnp.float32), self.context, self.embedding(log_snr)]))
