# SPDX-License-Identifier: Apache-2.0
"""Variational autoregressive networks: make beta F_q = E_q[beta E + ln q] small, which is never below beta F = -ln Z.

Draws of discrete variables have no derivative, so that the gradient is that of the score function,
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

    Annealed: beta' grows from `start` beta to beta over the share `anneal` of the run, so that no mode freezes out.
    Law: at beta' = beta, <L> >= -ln Z with equality at q = p, where the gradient is zero for every batch.
    Metric: `ess`, the share of the batch that is effective under importance weights, and `spread`, √Var L.
    """

    system: AbstractSystem
    batch: int = eqx.field(static=True, default=512)
    anneal: float = 0.5
    start: float = 0.0

    def at(self, share: Float[Array, ""]) -> "VariationalFreeEnergy":
        """The loss of that moment of the run."""
        grown = self.start + (1 - self.start) * jnp.minimum(1.0, share / max(self.anneal, 1e-6))
        beta = self.system.beta * grown.astype(self.system.beta.dtype)
        return eqx.tree_at(lambda loss: loss.system.beta, self, beta)

    def __call__(self, key: Key[Array, ""], model: AbstractDensity, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """Draw a batch, and move probability away from what is worse than average."""
        x = jax.lax.stop_gradient(model.sample(key, self.batch))
        log_q = jax.vmap(model.log_prob)(x)
        log_w = jax.vmap(self.system.log_weight)(x).astype(log_q.dtype) - log_q
        cost = -jax.lax.stop_gradient(log_w)
        surrogate = jnp.sum((cost - cost.mean()) * log_q) / (self.batch - 1)
        w = jnp.exp(cost.min() - cost)
        metrics = {"ess": w.sum() ** 2 / (w**2).sum() / self.batch, "spread": cost.std()}
        return cost.mean() + surrogate - jax.lax.stop_gradient(surrogate), metrics
