# SPDX-License-Identifier: Apache-2.0
"""Training of autoencoders by a bound of the likelihood: a minimum of KL(p | q) up to the gap of the bound."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

__all__ = ["VariationalBound"]


class VariationalBound(eqx.Module):
    """L = -(1/n) Σ_i b(x_i): b = <ln p(x|z)>_q - β KL, or for `samples` k > 1 the bound by k weights.

    For `fit(key, autoencoder, VariationalBound(), (x,), settings=...)`.  Law: <L> ≥ the entropy of p for β = 1.
    Refs: Kingma and Welling 2013, arXiv:1312.6114; β: Higgins et al. 2017 (ICLR); k: Burda et al. 2015,
    arXiv:1509.00519.
    """

    beta: float = 1.0
    samples: int = eqx.field(static=True, default=1)

    def __call__(self, key: Key[Array, ""], model: Any, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L for the batch (x,)."""
        (x,) = batch
        keys = jax.random.split(key, len(x))
        if self.samples > 1:
            return -jnp.mean(jax.vmap(lambda k, x: model.bound(k, x, self.samples))(keys, x)), {}
        return -jnp.mean(jax.vmap(lambda k, x: model.elbo(k, x, self.beta))(keys, x)), {}
