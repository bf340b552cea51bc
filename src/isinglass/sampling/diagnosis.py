# SPDX-License-Identifier: Apache-2.0
"""Has the run converged, and how many independent samples is it worth?  At each temperature."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from isinglass.stats.autocorrelation import effective_sample_size
from isinglass.stats.convergence import rank_normalized_r_hat

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
    if D < 4:  # too short to see a correlation in time: chains are all that counts
        nothing = np.full(T, np.nan)
        return Diagnosis(np.full(T, float(R)), nothing, nothing)
    ess = np.asarray(jax.vmap(jax.vmap(effective_sample_size))(series)).min(axis=0)
    r_hat = np.asarray(jax.vmap(jax.vmap(rank_normalized_r_hat))(series)).max(axis=0)
    return Diagnosis(ess, r_hat, R * D / (2 * ess))
