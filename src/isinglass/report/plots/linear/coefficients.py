# SPDX-License-Identifier: Apache-2.0
"""Coefficients with their errors, column by column.

Input: `coefficient`, `coefficient_error` [column], or [other_class, column]; the 30 that are most errors from 0.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, MARKERS, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Coefficients by their errors (value / standard error), with bars of one; gray: within two errors of 0."
MOST, LONGEST = 30, 24


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A row for each column; in units of the error, since columns may have different units."""
    value, error = (np.atleast_2d(arrays[name].to_numpy()) for name in ("coefficient", "coefficient_error"))
    names = [str(name) for name in arrays["column"].to_numpy()]
    ratio = np.divide(value, error, out=np.zeros_like(value), where=error > 0)
    shown = np.sort(np.argsort(-np.abs(ratio).max(axis=0), kind="stable")[:MOST])
    figure, (axes,) = new_figure(height=1.2 + 0.24 * max(5, len(shown)))
    axes.axvspan(-2, 2, color="#eeeeee", linewidth=0)
    axes.axvline(0, color=EXACT, linestyle="--", linewidth=1.1)
    classes = [str(name) for name in arrays["other_class"].to_numpy()] if "other_class" in arrays.coords else [""]
    for k, name in enumerate(classes):
        at = np.arange(len(shown)) + 0.15 * (k - (len(classes) - 1) / 2)
        axes.errorbar(ratio[k, shown], at, xerr=1.0, linestyle="none", marker=MARKERS[k % len(MARKERS)], color=color(k),
                      label=name if len(classes) > 1 else None)  # fmt: skip
    axes.set_yticks(range(len(shown)), [names[i][:LONGEST] for i in shown])
    axes.set_ylim(len(shown) - 0.5, -0.5)
    axes.set(xlabel="coefficient / standard error")
    if np.abs(ratio).max() > 50:
        axes.set_xscale("symlog", linthresh=2)
    legend(axes)
    return figure
