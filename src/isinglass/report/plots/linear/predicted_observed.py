# SPDX-License-Identifier: Apache-2.0
"""Rows that were not fitted: what was predicted against what was seen.

Input: `observed`, `predicted`, `predicted_error` [held_out]; of classes `observed` and `probability` [held_out, class].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure, points

__all__ = ["caption", "draw"]

BINS, MOST = 10, 2000
NUMBERS = "Rows that were not fitted. Left: seen against predicted, with the band of 68 % of the prediction. "
NUMBERS += "Right: residual / predicted deviation; a right model has 68 % within one."
CLASSES = "Rows that were not fitted: how often a class occurs against its predicted probability, in ten equal groups, "
CLASSES += "with binomial errors. Dashed: right probabilities."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of numbers or of classes."""
    return CLASSES if "probability" in arrays else NUMBERS


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels of numbers, or the reliability of class probabilities."""
    return classes(arrays) if "probability" in arrays else numbers(arrays)


def numbers(arrays: xr.Dataset) -> Figure:
    """Seen against predicted, and the residuals."""
    figure, (left, right) = new_figure(2)
    y, mean, s = (arrays[name].to_numpy()[:MOST] for name in ("observed", "predicted", "predicted_error"))
    order = np.argsort(mean)
    y, mean, s = y[order], mean[order], s[order]
    left.fill_between(mean, mean - s, mean + s, color=color(5), alpha=0.4, linewidth=0, label="predicted, 68 %")
    left.plot(mean, mean, color=EXACT, linestyle="--", linewidth=1.1)
    left.plot(mean, y, ".", color=color(0), markersize=3)
    left.set(xlabel="predicted", ylabel="seen")
    legend(left)
    right.axhspan(-1, 1, color="#eeeeee", linewidth=0)
    right.axhline(0, color=EXACT, linestyle="--", linewidth=1.1)
    right.plot(mean, np.divide(y - mean, s, out=np.zeros_like(y), where=s > 0), ".", color=color(0), markersize=3)
    right.set(xlabel="predicted", ylabel="residual / deviation")
    return figure


def classes(arrays: xr.Dataset) -> Figure:
    """Frequency against probability, for each class."""
    figure, (axes,) = new_figure()
    p, y = arrays["probability"].to_numpy(), arrays["observed"].to_numpy()
    names = [str(name) for name in arrays["class"].to_numpy()]
    axes.plot([0, 1], [0, 1], color=EXACT, linestyle="--", linewidth=1.1)
    for k in range(1 if len(names) == 2 else 0, len(names)):
        parts = [part for part in np.array_split(np.argsort(p[:, k], kind="stable"), BINS) if len(part)]
        share = np.array([(y[part] == k).mean() for part in parts])
        error = np.array(
            [max(a * (1 - a), 0.25 / len(b)) ** 0.5 / len(b) ** 0.5 for a, b in zip(share, parts, strict=True)]
        )
        points(axes, [p[part, k].mean() for part in parts], share, error, k, names[k], line=False)
    axes.set(xlabel="predicted probability", ylabel="frequency")
    legend(axes)
    return figure
