# SPDX-License-Identifier: Apache-2.0
"""Boltzmann generators: a density trained on samples and on the energy together, so that no metastable state is lost.

The samples may represent the states in any proportion; weights from the energy correct this afterwards.
Ref: Noé, Olsson, Köhler and Wu 2019, arXiv:1812.01729.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.nets.density import AbstractDensity
from isinglass.sampling.weight.importance import log_target
from isinglass.systems.system import AbstractSystem

__all__ = ["EnergyAndLikelihood"]


class EnergyAndLikelihood(eqx.Module):
    """L = (1 - s) <-ln q(x)>_data + s <ln q + β E>_q, s = `share`, energies above `cap` (in kT) counted as `cap`.

    For `fit(key, q, EnergyAndLikelihood(system), (x,), settings=...)`.  Law: s = 0 is maximum likelihood, s = 1 the
    bound L >= -ln Z of reverse KL.  The cap keeps overlaps and hard walls (E = +∞) from dominating; their gradient
    is zero.  Metric: `ess` of the batch from q.
    """

    system: AbstractSystem
    share: float = 0.5
    batch: int = 256
    cap: float = 1e3

    def __call__(self, key: Key[Array, ""], model: AbstractDensity, batch: tuple) -> tuple[Float[Array, ""], dict]:
        """L and metrics, from data (x,) and `self.batch` samples of the model."""
        (x,) = batch
        likelihood = -jnp.mean(jax.vmap(model.log_prob)(x))
        y, log_q = model.sample_with_log_prob(key, self.batch)
        energy = -jax.vmap(lambda y: log_target(self.system, y))(y)
        capped = jnp.where(energy < self.cap, energy, self.cap).astype(log_q.dtype)
        log_w = jax.lax.stop_gradient(-capped - log_q)
        w = jnp.exp(log_w - jnp.max(log_w))
        ess = jnp.sum(w) ** 2 / jnp.sum(w * w) / self.batch
        share = jnp.asarray(self.share, log_q.dtype)
        return (1 - share) * likelihood + share * jnp.mean(log_q + capped), {"ess": ess}
