# SPDX-License-Identifier: Apache-2.0
"""Equivariant velocity fields as networks for denoising: one piece serves continuous flows and diffusion."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["ScoreParticles"]


class ScoreParticles(eqx.Module):
    """F(x, λ) = v(t, x), t = 1 / (1 + exp(-λ/4)): t runs from 0 (noise) to 1 (data).

    `velocity` is a `PairVelocity` or a `GraphVelocity`.  Law: the velocity's: permutations, rotations, reflections,
    translations; Σ_i F_i = 0.
    """

    velocity: Any

    def __call__(self, x: Float[Array, "n d"], log_snr: Float[Array, ""]) -> Float[Array, "n d"]:
        return self.velocity(jax.nn.sigmoid(log_snr.astype(jnp.float32) / 4), x.astype(jnp.float32))
