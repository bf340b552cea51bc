# SPDX-License-Identifier: Apache-2.0
"""Kernel regression on many data sets whose spectrum is known, of any ridge: one compiled program."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["kernel_errors"]


@partial(jax.jit, static_argnames=("P",))
def kernel_errors(keys, P: int, eigenvalue, target, noise, penalty) -> Float[Array, "samples noises"]:
    """Excess error Σ_k λ_k (w_k - v_k)², v = X^T (X X^T + P δ)^-1 y, X_ik = √λ_k z_ik, z normal, for each σ² and δ."""
    w = jnp.sqrt(target / eigenvalue)

    def one(key):
        key_X, key_noise = jax.random.split(key)
        X = jax.random.normal(key_X, (P, len(eigenvalue)), jnp.float32).astype(float) * jnp.sqrt(eigenvalue)[None]
        s, U = jnp.linalg.eigh(X @ X.T)
        e = jax.random.normal(key_noise, (P,))

        def error(noise, penalty):
            y = X @ w + jnp.sqrt(noise) * e
            v = X.T @ (U @ ((U.T @ y) / (s + P * penalty)))
            return jnp.sum(eigenvalue * (w - v) ** 2)

        return jax.vmap(error)(noise, penalty)

    return jax.lax.map(one, keys)
