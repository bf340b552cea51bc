# SPDX-License-Identifier: Apache-2.0
"""Free energy, entropy, energy, specific heat and susceptibility from draws of a density with importance weights."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass.result import Estimate
from isinglass.stats.weights import effective_share, log_mean_weight, self_normalized_mean

__all__ = ["thermodynamics"]


def thermodynamics(
    log_weight: Float[np.ndarray, " n"], E: Float[np.ndarray, " n"], M: Float[np.ndarray, " n"], beta: float, N: int
) -> dict[str, Estimate]:
    """The bound F_q and what the weights give, all per site but ln Z; ln w = -beta E - ln q, M the magnetization.

    free_energy: F_q = <E + T ln q>_q >= F.  entropy: S = ln Z + beta <E>, specific heat beta² Var E,
    susceptibility beta <M²>.
    """
    mean = lambda values: estimate(self_normalized_mean, values, log_weight)  # noqa: E731
    per_site = lambda found, factor: Estimate(found.value * factor / N, (found.error or 0.0) * factor / N)  # noqa: E731
    bound = Estimate(-log_weight.mean() / beta / N, log_weight.std(ddof=1) / len(log_weight) ** 0.5 / beta / N)
    log_z, energy = estimate(log_mean_weight, log_weight), mean(E)
    w = np.exp(log_weight - log_weight.max())
    share = w / w.sum()
    entropy = log_z.value + beta * energy.value
    influence = share * (1 + beta * (E - energy.value))  # of one draw on ln Z + beta <E>
    spread = float(np.sqrt(len(w)) * np.std(influence, ddof=1))
    return {
        "free_energy": bound,
        "log_partition_function": log_z,
        "entropy": Estimate(entropy / N, spread / N),
        "energy": per_site(energy, 1.0),
        "specific_heat": per_site(mean((E - energy.value) ** 2), beta**2),
        "susceptibility": per_site(mean(M**2), beta),
        "effective_share": estimate(effective_share, log_weight),
    }


def estimate(statistic, *arrays: np.ndarray) -> Estimate:
    """A statistic with its error as plain numbers."""
    value, error = jax.jit(statistic)(*map(jnp.asarray, arrays))
    return Estimate(float(value), float(error))
