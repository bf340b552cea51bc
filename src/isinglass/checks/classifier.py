# SPDX-License-Identifier: Apache-2.0
"""No classifier beats Bayes: an accuracy above the exact ceiling means that labels leaked."""

import numpy as np
from jaxtyping import Bool, Float, Shaped

from isinglass.checks.energy import grouped_mean
from isinglass.result import Check, Estimate

__all__ = ["accuracy", "at_most_bayes", "hit_rate", "near_bayes"]

Z_1E4 = 3.719  # one-sided normal quantile of 1 - 1e-4


def accuracy(
    hit: Bool[np.ndarray, " n"], group: Shaped[np.ndarray, " n"], parameter: Float[np.ndarray, " n"]
) -> tuple[float, float]:
    """Share of hits, and its standard error from groups of correlated rows within each parameter value.

    Never below the error sqrt(p (1 - p) / n) of independent rows, so that few groups do not give too small an error.
    """
    hit = np.asarray(hit, float)
    variance = 0.0
    for point in np.unique(parameter):
        rows = parameter == point
        error = grouped_mean(hit[rows], group[rows])[1]
        variance += (rows.mean() * error) ** 2 if np.isfinite(error) else rows.mean() ** 2 * hit[rows].var()
    p = float(hit.mean())
    return p, float(max(variance, p * (1 - p) / len(hit)) ** 0.5)


def hit_rate(
    hits: Bool[np.ndarray, "members n"], group: Shaped[np.ndarray, " n"], parameter: Float[np.ndarray, " n"]
) -> Estimate:
    """Mean accuracy of several networks; its error from groups and from networks, never below one miss in n."""
    p, error = np.transpose([accuracy(hit, group, parameter) for hit in hits])
    networks = p.std(ddof=1) / len(p) ** 0.5 if len(p) > 1 else 0.0
    return Estimate(float(p.mean()), float(max(np.hypot(error.mean(), networks), 1 / hits.shape[1])))


def at_most_bayes(
    hit: Bool[np.ndarray, " n"],
    group: Shaped[np.ndarray, " n"],
    parameter: Float[np.ndarray, " n"],
    ceiling: float,
    *,
    source: str = "exact density of states",
    of: str = "",
) -> Check:
    """Held-out accuracy <= Bayes ceiling + 3.72 standard errors.

    `ceiling` must weight the parameter values as these rows do.  False alarm 1e-4 or less; resolution: accuracies
    7 standard errors above the ceiling, 0.012 for 10^4 independent rows at p = 0.965.
    """
    p, error = accuracy(hit, group, parameter)
    error = max(error, (ceiling * (1 - ceiling) / len(hit)) ** 0.5)
    law = "held-out accuracy does not exceed the Bayes ceiling (a leak would)"
    return Check.at_most(law, p, ceiling, tolerance=Z_1E4 * error, error=error, source=source, of=of)


def near_bayes(
    hit: Bool[np.ndarray, " n"],
    group: Shaped[np.ndarray, " n"],
    parameter: Float[np.ndarray, " n"],
    ceiling: float,
    *,
    margin: float = 0.02,
    source: str = "exact density of states",
    of: str = "",
) -> Check:
    """Held-out accuracy >= Bayes ceiling - margin; `unknown` where it is missed by less than 4 errors.

    False alarm below 3e-5.  Resolution: a network worse by the margin and 7 errors.
    """
    p, error = accuracy(hit, group, parameter)
    law = f"held-out accuracy is within {margin:g} of the Bayes ceiling"
    return Check.at_least(law, p, ceiling, tolerance=margin, error=error, source=source, of=of).resolved()
