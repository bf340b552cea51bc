# SPDX-License-Identifier: Apache-2.0
"""Is the mean of a sample set the exact mean?  Energies and moments of the magnetization, with errors over chains."""

import math

import numpy as np
from jaxtyping import Float, Shaped

from isinglass.result import Check

__all__ = ["energy", "grouped_mean", "magnetization_moment", "mean_value"]


def grouped_mean(values: Float[np.ndarray, " n"], group: Shaped[np.ndarray, " n"]) -> tuple[float, float]:
    """Mean of all values and its standard error from the scatter of group means, √[Σ w_g² (x_g - x̄)² G/(G-1)].

    Law: right for any correlation within groups.  Under two groups the error is unknown (infinite).
    """
    _, g = np.unique(group, return_inverse=True)
    size = np.bincount(g).astype(float)
    mean = float(np.mean(values))
    if len(size) < 2:
        return mean, math.inf
    deviation = np.bincount(g, values - mean) / size.sum()
    return mean, float(np.sqrt(np.sum(deviation**2) * len(size) / (len(size) - 1)))


def mean_value(
    law: str,
    values: Float[np.ndarray, " n"],
    group: Shaped[np.ndarray, " n"],
    expected: float,
    *,
    largest_error: float = math.inf,
    source: str = "",
    of: str = "",
) -> Check:
    """|mean - expected| <= 4 standard errors; `unknown` where the error exceeds `largest_error`.

    `group` numbers the independent chains.  False alarm: 6e-5 for many groups, 1e-3 for 17 (Student's law).
    Resolution: a shift of 4 + 3 = 7 standard errors is detected with probability 0.999.
    """
    mean, error = grouped_mean(np.asarray(values, float), group)
    if not error <= largest_error or math.isinf(error):
        law = f"{law} (standard error {error:.1g} is too large to tell: at most {largest_error:.1g}; sample more)"
        return Check(law, mean, float(expected), None, "unknown", error if math.isfinite(error) else None, source, of)
    return Check.within(law, mean, expected, 4 * error, error=error, source=source, of=of)


def energy(
    per_site: Float[np.ndarray, " n"],
    group: Shaped[np.ndarray, " n"],
    expected: float,
    *,
    label: str = "",
    source: str = "Kaufman 1949, doi:10.1103/PhysRev.76.1232",
    of: str = "",
) -> Check:
    """<E>/N is the exact energy per site, within 4 standard errors of at most 2e-3 each: as `mean_value`."""
    law = f"mean energy per site is exact{label and ', ' + label}"
    return mean_value(law, per_site, group, expected, largest_error=2e-3, source=source, of=of)


def magnetization_moment(
    m: Float[np.ndarray, " n"],
    group: Shaped[np.ndarray, " n"],
    order: int,
    expected: float,
    *,
    label: str = "",
    source: str = "exact transfer matrix",
    of: str = "",
) -> Check:
    """<|m|^order> is exact, within 4 standard errors: as `mean_value`."""
    law = f"<|m|^{order}> is exact{label and ', ' + label}"
    return mean_value(law, np.abs(m) ** order, group, expected, source=source, of=of)
