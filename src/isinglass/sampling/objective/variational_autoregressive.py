# SPDX-License-Identifier: Apache-2.0
"""Variational autoregressive networks: minimize beta F_q = E_q[beta E + ln q] >= beta F = -ln Z.

Samples of discrete variables have no derivative; the gradient is the score-function estimator,
∇ F_q = E_q[(beta E + ln q - b) ∇ ln q], with the batch mean as baseline b.
Refs: Wu, Wang and Zhang 2019, arXiv:1809.10606; Williams 1992, doi:10.1007/BF00992696.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.systems.system import AbstractSystem

__all__ = ["VariationalFreeEnergy"]


class VariationalFreeEnergy(eqx.Module):
    """L = (1/n) Σ_i [ln q(x_i) + beta' E(x_i)], x_i ~ q, for `fit(key, q, VariationalFreeEnergy(system), None, ...)`.

    Annealed: beta' grows from `start` beta to beta over the fraction `anneal` of the run, so that no mode freezes out.
    Law: at beta' = beta, <L> >= -ln Z with equality at q = p, where the gradient is zero for every batch.
    Metric: `ess`, ESS/n of the batch under importance weights, and `spread`, √Var L.
    """

    system: AbstractSystem
    batch: int = eqx.field(static=True, default=512)
    anneal: float = 0.5
    start: float = 0.0

    def at(self, share: Float[Array, ""]) -> "VariationalFreeEnergy":
        """The loss at this fraction of the run, with beta' in place."""
        grown = self.start + (1 - self.start) * jnp.minimum(1.0, share / max(self.anneal, 1e-6))
        beta = self.system.beta * grown.astype(self.system.beta.dtype)
        return eqx.tree_at(lambda loss: loss.system.beta, self, beta)

    def __call__(self, key: Key[Array, ""], model: AbstractDensity, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L with the score-function gradient, and metrics, for a batch sampled from q."""
        x = jax.lax.stop_gradient(model.sample(key, self.batch))
        log_q = jax.vmap(model.log_prob)(x)
        log_w = jax.vmap(self.system.log_weight)(x).astype(log_q.dtype) - log_q
        cost = -jax.lax.stop_gradient(log_w)
        surrogate = jnp.sum((cost - cost.mean()) * log_q) / (self.batch - 1)
        w = jnp.exp(cost.min() - cost)
        metrics = {"ess": w.sum() ** 2 / (w**2).sum() / self.batch, "spread": cost.std()}
        return cost.mean() + surrogate - jax.lax.stop_gradient(surrogate), metrics
