# SPDX-License-Identifier: Apache-2.0
"""Has the run converged, and how many independent samples is it worth?  At each temperature."""

from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from isinglass.stats.convergence import bulk_ess, rhat

__all__ = ["Diagnosis", "diagnose"]


class Diagnosis(NamedTuple):
    """The worse of energy and |order parameter|."""

    effective_samples: Float[np.ndarray, " T"]
    r_hat: Float[np.ndarray, " T"]  # 1 where the chains agree; NaN with fewer than four draws a chain
    autocorrelation_time: Float[np.ndarray, " T"]  # integrated, ½ + Σ_t rho(t), in draws


def diagnose(energy: Float[np.ndarray, "T R D"], order: Float[np.ndarray, "T R D"]) -> Diagnosis:
    """Effective sample size and R-hat of Vehtari et al. 2021, arXiv:1903.08008."""
    series = np.stack([energy, np.abs(order)])
    T, R, D = energy.shape
    if D < 4:  # too short to see a correlation in time: the chains are all that counts
        unknown = np.full(T, np.nan)
        return Diagnosis(np.full(T, float(R)), unknown, unknown)
    ess = np.asarray(per_series(bulk_ess, series)).min(axis=0)
    ess = np.minimum(ess, R * D)  # anticorrelated draws are worth no more than independent ones
    return Diagnosis(ess, np.asarray(per_series(rhat, series)).max(axis=0), R * D / (2 * ess))


@partial(jax.jit, static_argnums=0)
def per_series(statistic, series: Float[Array, "2 T R D"]) -> Float[Array, "2 T"]:
    """The statistic of each observable at each temperature."""
    return jax.vmap(jax.vmap(statistic))(series)
