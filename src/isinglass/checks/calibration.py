# SPDX-License-Identifier: Apache-2.0
"""Are error bars honest?  Over seeds, the exact value lies within one error in 68 % and within two in 95 %."""

import numpy as np
from jaxtyping import Float
from scipy.stats import binom

from isinglass.result import Check

__all__ = ["coverage"]

FALSE_ALARM = 1e-4
NORMAL = {1: 0.6827, 2: 0.9545}


def coverage(
    values: Float[np.ndarray, " seeds"], errors: Float[np.ndarray, " seeds"], expected: float, *, sigmas: int = 1
) -> Check:
    """Share of seeds with |value - expected| <= sigmas · error, against 0.6827 (1) or 0.9545 (2).

    Errors that are too small and errors that are too large both fail.  False alarm 1e-4, two-sided binomial.
    Resolution for 100 seeds at one sigma: errors wrong by a factor 1.6 either way.
    """
    n, p = len(values), NORMAL[sigmas]
    share = float(np.mean(np.abs(values - expected) <= sigmas * errors))
    low, high = binom.ppf(FALSE_ALARM / 2, n, p) / n, binom.ppf(1 - FALSE_ALARM / 2, n, p) / n
    law = f"exact value within {sigmas} error{'s' if sigmas > 1 else ''} in {p:.0%} of {n} seeds"
    source = f"binomial, {low:.2f} to {high:.2f}"
    tolerance = high - p if share > p else p - low
    return Check.within(law, share, p, tolerance, error=(p * (1 - p) / n) ** 0.5, source=source)
