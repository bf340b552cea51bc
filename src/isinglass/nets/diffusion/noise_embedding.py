# SPDX-License-Identifier: Apache-2.0
"""Embedding of the noise level: sines and cosines of λ = ln(α²/σ²) through one hidden layer."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Key

__all__ = ["NoiseEmbedding"]

LONGEST, SHORTEST, WAVES = 80.0, 2.5, 6  # periods in λ, which runs over some 20 units


class NoiseEmbedding(eqx.Module):
    """e(λ) = silu(W_2 silu(W_1 (sin ω_i λ, cos ω_i λ) + b_1) + b_2).  Shape: () -> (width,)."""

    first: eqx.nn.Linear
    second: eqx.nn.Linear

    def __init__(self, width: int, *, key: Key[Array, ""]):
        keys = jax.random.split(key)
        self.first = eqx.nn.Linear(2 * WAVES, width, dtype=jnp.float32, key=keys[0])
        self.second = eqx.nn.Linear(width, width, dtype=jnp.float32, key=keys[1])

    def __call__(self, log_snr: Float[Array, ""]) -> Float[Array, " width"]:
        """The embedding of one noise level."""
        omega = jnp.asarray(2 * np.pi / np.geomspace(LONGEST, SHORTEST, WAVES), jnp.float32)
        phase = omega * log_snr.astype(jnp.float32)
        waves = jnp.concatenate([jnp.sin(phase), jnp.cos(phase)])
        return jax.nn.silu(self.second(jax.nn.silu(self.first(waves))))
