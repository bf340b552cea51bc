# SPDX-License-Identifier: Apache-2.0
"""Rows that were not fitted, each predicted from the fit and the held-out rows before it: exact for any n and p.

Given y of the rows before, y_j is Student's t with ν + j degrees of freedom (normal where σ is known): its distribution
function at the true y_j is uniform, and independent of those before.  Brown, Durbin & Evans 1975 (recursive residuals),
doi:10.1111/j.2517-6161.1975.tb01532.x; Dawid 1984, doi:10.2307/2981683.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.linalg import solve_triangular
from scipy.stats import norm, t

from isinglass.inference.linear.gaussian_fit import GaussianFit

__all__ = ["Innovations", "innovations"]


class Innovations(NamedTuple):
    """Of held-out rows."""

    predicted: np.ndarray  # by the fit alone
    deviation: np.ndarray  # of a new y, from noise and the errors of the coefficients
    pit: np.ndarray  # uniform and independent if the model is right; nan where σ is not known
    score: np.ndarray  # Φ⁻¹(pit): N(0, 1)


def innovations(
    fit: GaussianFit, X: Float[np.ndarray, "h p"], y: Float[np.ndarray, " h"], error: Float[np.ndarray, " h"] | None
) -> Innovations:
    """r = L⁻¹ (y - x·w)/s, L L^T = 1 + A P A^T; σ² after j rows is (ν σ² + Σ_{k<j} r_k²)/(ν + j)."""
    s = np.ones(len(y)) if error is None else error
    mean, covariance = fit.predict(X), np.eye(len(y)) + fit.leverage(X) / np.outer(s, s)
    deviation = fit.noise * s * np.sqrt(np.diag(covariance))
    if not (fit.noise > 0 and np.isfinite(fit.noise)):
        return Innovations(mean, deviation, *np.full((2, len(y)), np.nan))
    r = solve_triangular(np.linalg.cholesky(covariance), (y - mean) / (s * fit.noise), lower=True)
    if np.isinf(fit.freedom):
        return Innovations(mean, deviation, norm.cdf(r), r)
    freedom = fit.freedom + np.arange(len(r))
    before = np.concatenate([[0.0], np.cumsum(r**2)[:-1]])
    tau = r / np.sqrt((fit.freedom + before) / freedom)
    score = np.where(tau < 0, norm.ppf(t.cdf(tau, freedom)), norm.isf(t.sf(tau, freedom)))  # digits in both tails
    return Innovations(mean, deviation, t.cdf(tau, freedom), np.clip(score, -38, 38))
