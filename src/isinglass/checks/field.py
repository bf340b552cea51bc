# SPDX-License-Identifier: Apache-2.0
"""Do fields follow their law: power in every shell, the law of one site, residuals of an observation."""

from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.stats import ks_1samp, ks_2samp

from isinglass.observables.curve import Curve
from isinglass.result import Check

__all__ = ["one_point_laws_agree", "power_agrees", "residuals_are_noise"]

FALSE_ALARM = 1e-4
Fields = Float[np.ndarray, "n *site"]


def power_agrees(found: Curve, expected: Curve, precision: float) -> Check:
    """|P/P_0 - 1| of every shell at most the precision and three errors of both."""
    off = np.abs(found.value / expected.value - 1) - 3 * np.hypot(found.error, expected.error) / expected.value
    return Check.at_most("deviation of P(k) beyond its error", float(off.max()), precision)


def one_point_laws_agree(x: Float[np.ndarray, " n"], law) -> Check:
    """Independent values against a distribution function, or against other values, by Kolmogorov and Smirnov.

    False alarm 1e-4.  Resolution: 2.2 / √n in the distribution function.
    """
    found: Any = ks_1samp(x, law) if callable(law) else ks_2samp(x, law)
    return Check.at_least("one-point law, p-value of Kolmogorov-Smirnov", float(found.pvalue), FALSE_ALARM)


def residuals_are_noise(x: Fields, y: Float[np.ndarray, "*site"], mask: Float[np.ndarray, "*site"], noise: float):
    """<Σ (y - x)²> / (n noise²) = 1 over n observed sites, x of the posterior: (x, y) are distributed as (truth, y).

    The mean over x given y varies with y no more than one χ² of n degrees of freedom, of which 4.5 standard deviations
    are allowed.  False alarm 1e-4 and less for n > 20.  Resolution: 6.4/√n in the variance of the noise.
    """
    n = float(mask.sum())
    chi = float(np.mean(np.sum(mask * (y - x) ** 2, axis=tuple(range(1, x.ndim)))) / noise**2)
    law = "residuals of the posterior at the observed sites have the variance of the noise"
    return Check.within(law, chi / n, 1.0, 4.5 * (2 / n) ** 0.5, source="joint law of field and observation")
