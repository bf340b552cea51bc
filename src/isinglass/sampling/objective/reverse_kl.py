# SPDX-License-Identifier: Apache-2.0
"""Training from the energy alone: minimize KL(q | p) = E_q[ln q(x) + beta E(x)] + ln Z.

The Gibbs-Bogoliubov-Feynman bound: E_q[ln q + beta E] >= -ln Z.  It is mode-seeking: q may miss a mode of p.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.stats.weights import acceptance_of_weights
from isinglass.systems.system import AbstractSystem

__all__ = ["ReverseKL"]


class ReverseKL(eqx.Module):
    """L = (1/n) Σ_i [ln q(x_i) - ln w(x_i)], x_i ~ q by reparametrization, w = exp(-beta E).

    For `fit(key, q, ReverseKL(system), None, settings=...)`.  Law: L >= -ln Z, with equality at q = p.
    Metrics: `ess` and `acceptance`, of the batch as importance sample and as proposals of independence Metropolis.
    With `path` the gradient flows through x alone, not through the parameters of ln q at fixed x, whose mean is zero:
    zero variance at q = p, at the cost of the inverse map.
    Ref: Roeder, Wu and Duvenaud 2017, arXiv:1703.09194; Vaitl et al. 2022, arXiv:2207.08219.
    """

    system: AbstractSystem
    batch: int = 512
    path: bool = eqx.field(static=True, default=False)

    def __call__(self, key: Key[Array, ""], model: AbstractDensity, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L and metrics for a batch sampled from q."""
        x, log_q = model.sample_with_log_prob(key, self.batch)
        if self.path:
            fixed = jax.tree.map(lambda a: jax.lax.stop_gradient(a) if eqx.is_array(a) else a, model)
            log_q = jax.vmap(fixed.log_prob)(x)
        log_w = jax.vmap(self.system.log_weight)(x.astype(float)).astype(log_q.dtype) - log_q
        return -jnp.mean(log_w), quality(jax.lax.stop_gradient(log_w))


def quality(log_w: Float[Array, " n"]) -> dict[str, Float[Array, ""]]:
    """Metrics of a batch: ESS/n, and the acceptance as proposals of independence Metropolis."""
    w = jnp.exp(log_w - jnp.max(log_w))
    return {"ess": jnp.sum(w) ** 2 / jnp.sum(w * w) / w.size, "acceptance": acceptance_of_weights(log_w)}
