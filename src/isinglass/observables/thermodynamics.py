# SPDX-License-Identifier: Apache-2.0
"""Free energy, entropy, energy, specific heat and susceptibility from samples of a density with importance weights."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from isinglass.stats.weights import ess_fraction, log_mean_weight, self_normalized_mean

__all__ = ["thermodynamics"]


def thermodynamics(
    log_weight: Float[np.ndarray, " n"], E: Float[np.ndarray, " n"], M: Float[np.ndarray, " n"], beta: float, N: int
) -> dict[str, tuple[float, float]]:
    """The bound F_q and the averages by the weights, value and error, all per site but ln Z.

    ln w = -beta E - ln q, M the magnetization.  free_energy: F_q = <E + T ln q>_q >= F.  entropy: S = ln Z + beta <E>,
    specific heat beta² Var E, susceptibility beta <M²>.
    """
    mean = lambda values: of_weights(self_normalized_mean, values, log_weight)  # noqa: E731
    per_site = lambda found, factor: (found[0] * factor / N, found[1] * factor / N)  # noqa: E731
    log_z, energy = of_weights(log_mean_weight, log_weight), mean(E)
    w = np.exp(log_weight - log_weight.max())
    influence = w / w.sum() * (1 + beta * (E - energy[0]))  # of one sample on ln Z + beta <E>
    spread = float(np.sqrt(len(w)) * np.std(influence, ddof=1))
    return {
        "free_energy": per_site((-log_weight.mean(), log_weight.std(ddof=1) / len(w) ** 0.5), 1 / beta),
        "log_partition_function": log_z,
        "entropy": per_site((log_z[0] + beta * energy[0], spread), 1.0),
        "energy": per_site(energy, 1.0),
        "specific_heat": per_site(mean((E - energy[0]) ** 2), beta**2),
        "susceptibility": per_site(mean(M**2), beta),
        "ess_fraction": of_weights(ess_fraction, log_weight),
    }


def of_weights(statistic: Callable, *arrays: np.ndarray) -> tuple[float, float]:
    """A statistic with its error as plain numbers."""
    value, error = jax.jit(statistic)(*map(jnp.asarray, arrays))
    return float(value), float(error)
