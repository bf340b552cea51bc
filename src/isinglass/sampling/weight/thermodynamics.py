# SPDX-License-Identifier: Apache-2.0
"""Thermodynamics of spins from weighted samples: the free energy and what follows from ln Z."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.result import Estimate
from isinglass.sampling.weight.importance import Weighted, effective_share, estimate, log_partition_function
from isinglass.stats.weights import self_normalized_mean
from isinglass.systems.system import AbstractSystem

__all__ = ["EnergyAndMagnetization", "thermodynamics"]


class EnergyAndMagnetization(eqx.Module):
    """E and Σ s of a configuration, all that is kept of a draw."""

    system: AbstractSystem

    def __call__(self, x: Shaped[Array, "*site"]) -> dict[str, Float[Array, ""]]:
        """For `importance_sample(..., keep=)`."""
        return {"energy": self.system.energy(x).astype(float), "magnetization": jnp.sum(x.astype(float))}


def thermodynamics(weighted: Weighted, system: AbstractSystem) -> dict[str, Estimate]:
    """The bound F_q and what the weights give, all per site but ln Z.

    free_energy: F_q = <E + T ln q>_q >= F.  entropy: S = ln Z + beta <E>, specific heat beta² Var E,
    susceptibility beta <M²>.
    """
    beta, N = float(system.beta), float(system.n_sites)
    E, M = weighted.x["energy"], weighted.x["magnetization"]
    mean = lambda values: estimate(self_normalized_mean, values, weighted.log_weight)  # noqa: E731
    per_site = lambda found, factor: Estimate(found.value * factor / N, (found.error or 0.0) * factor / N)  # noqa: E731
    bound = -weighted.log_weight.mean()
    log_z, energy = log_partition_function(weighted), mean(E)
    w = np.exp(weighted.log_weight - weighted.log_weight.max())
    share = w / w.sum()
    entropy = log_z.value + beta * energy.value
    influence = share * (1 + beta * (E - energy.value))  # of one draw on ln Z + beta <E>
    spread = float(np.sqrt(len(w)) * np.std(influence, ddof=1))
    return {
        "free_energy": Estimate(bound / beta / N, weighted.log_weight.std(ddof=1) / len(w) ** 0.5 / beta / N),
        "log_partition_function": log_z,
        "entropy": Estimate(entropy / N, spread / N),
        "energy": per_site(energy, 1.0),
        "specific_heat": per_site(mean((E - energy.value) ** 2), beta**2),
        "susceptibility": per_site(mean(M**2), beta),
        "effective_share": effective_share(weighted),
    }
