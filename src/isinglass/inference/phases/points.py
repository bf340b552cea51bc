# SPDX-License-Identifier: Apache-2.0
"""Values of the control parameter as points of curves: equal up to rounding are one, a continuum is cut into bins."""

from dataclasses import replace

import numpy as np

from isinglass.data.configurations import Configurations

__all__ = ["at_points"]

MOST = 60  # points of a curve
ROWS = 5  # of a point, without which it has no error of its own


def at_points(data: Configurations, bins: int = 25) -> tuple[Configurations, list[str]]:
    """The same rows at fewer values of the parameter, and a sentence where this was needed.

    Values that differ by less than 1e-6 of the largest are one.  More than 60 of them, or fewer than five rows at
    most of them, are cut into bins of equally many rows, where 20 rows a bin can be had; a bin stands at its mean.
    Law: points far apart with many rows stay as they are.
    """
    values = np.unique(data.parameter)
    tolerance = 1e-6 * float(np.abs(values).max())
    label = np.concatenate([[0], np.cumsum(np.diff(values) > tolerance)])[np.searchsorted(values, data.parameter)]
    counts, notes = np.bincount(label), list[str]()
    name, n = data.parameter_name, label.max() + 1
    if (n > MOST or np.median(counts) < ROWS) and data.n >= 20 * 8:
        count = int(np.clip(data.n // 20, 8, min(bins, n)))
        if count < n:
            place = np.searchsorted(np.sort(data.parameter), data.parameter)  # equal values share a bin
            label = place * count // data.n
            label = np.unique(label, return_inverse=True)[1]
            notes = [f"{n} values of {name} were cut into {label.max() + 1} bins, each of which stands at its mean."]
    if label.max() + 1 == len(values):
        return data, notes
    mean = np.bincount(label, data.parameter) / np.bincount(label)
    return replace(data, parameter=mean[label]), notes
