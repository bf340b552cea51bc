# SPDX-License-Identifier: Apache-2.0
"""Training from data: maximum likelihood, the minimum of KL(p | q), which covers every mode of p."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity

__all__ = ["NegativeLogLikelihood"]


class NegativeLogLikelihood(eqx.Module):
    """L = -(1/n) Σ_i w_i ln q(x_i), x_i from p, the weights w of mean 1 where given.

    For `fit(key, q, NegativeLogLikelihood(), (x,), settings=...)`.  Law: <L> >= the entropy of p, with equality at
    q = p.
    """

    def __call__(self, key: Key[Array, ""], model: AbstractDensity, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L for the batch (x,) or (x, w)."""
        x, *weights = batch
        log_q = jax.vmap(model.log_prob)(x)
        return -jnp.mean(log_q * weights[0].astype(log_q.dtype) if weights else log_q), {}
