# SPDX-License-Identifier: Apache-2.0
"""Convergence and effective sample size of a run at each temperature."""

from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Array, Float

from isinglass.stats.convergence import bulk_ess, rhat

__all__ = ["Diagnosis", "diagnose"]


SHORTEST = 8  # measurements per chain, fewest for an autocorrelation time


class Diagnosis(NamedTuple):
    """Effective sample size, R-hat and autocorrelation time: the worse of energy and |order parameter|."""

    effective_samples: Float[np.ndarray, " T"]
    r_hat: Float[np.ndarray, " T"]  # 1 where the chains agree
    autocorrelation_time: Float[np.ndarray, " T"]  # integrated, ½ + Σ_t rho(t), in measurements


def diagnose(energy: Float[np.ndarray, "T R M"], order: Float[np.ndarray, "T R M"], samples: int) -> Diagnosis:
    """Effective sample size and R-hat of Vehtari et al. 2021, arXiv:1903.08008; at most `samples`, the number kept.

    Chains of fewer than eight measurements do not determine their autocorrelation: each counts as one sample.
    """
    series = np.stack([energy, np.abs(order)])
    T, R, M = energy.shape
    if M < SHORTEST:
        r_hat = np.asarray(per_series(rhat, series)).max(axis=0) if M > 3 else np.full(T, np.nan)
        return Diagnosis(np.full(T, float(min(R, samples))), r_hat, np.full(T, M / 2))
    ess = np.asarray(per_series(bulk_ess, series)).min(axis=0)
    ess = np.minimum(ess, R * M)  # anticorrelated measurements count at most as independent ones
    r_hat = np.asarray(per_series(rhat, series)).max(axis=0)
    return Diagnosis(np.minimum(ess, samples), r_hat, R * M / (2 * ess))


@partial(jax.jit, static_argnums=0)
def per_series(statistic, series: Float[Array, "2 T R M"]) -> Float[Array, "2 T"]:
    """The statistic of each observable at each temperature."""
    return jax.vmap(jax.vmap(statistic))(series)
