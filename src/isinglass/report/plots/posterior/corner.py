# SPDX-License-Identifier: Apache-2.0
"""Posterior of every parameter and of every pair: histograms on the diagonal, regions of 68 % and 95 % below it.

Input: a variable [sample] for each name in the coordinate `parameter`; the first six are drawn.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color

__all__ = ["CAPTION", "draw"]

CAPTION = "Posterior samples: each parameter, and each pair with the smallest regions that hold 68 % and 95 %."
MOST, BINS, LEVELS = 6, 40, (0.95, 0.68)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A triangle of panels."""
    names = [str(name) for name in arrays["parameter"].to_numpy()][:MOST]
    columns = [arrays[name].to_numpy() for name in names]
    edges = [spread(column) for column in columns]
    n = len(names)
    figure = Figure(figsize=(1.4 + 1.6 * n, 1.2 + 1.5 * n), layout="constrained")
    panels = figure.subplots(n, n, squeeze=False)
    for row in range(n):
        for column in range(n):
            axes = panels[row][column]
            if column > row:
                axes.set_axis_off()
                continue
            axes.grid(visible=False)
            if column == row:
                axes.hist(columns[row], bins=edges[row], density=True, histtype="step", color=color(0))
                axes.set_yticks([])
            else:
                regions(axes, columns[column], columns[row], edges[column], edges[row])
            label(axes, names, row, column, n)
    return figure


def spread(column: np.ndarray) -> np.ndarray:
    """Edges of bins from the 0.1 % to the 99.9 % quantile."""
    low, high = np.quantile(column, [0.001, 0.999])
    return np.linspace(low, high if high > low else low + 1, BINS + 1)


def regions(axes, x: np.ndarray, y: np.ndarray, x_edges: np.ndarray, y_edges: np.ndarray) -> None:
    """The cells of largest density that hold 95 % (light) and 68 % (dark) of the samples."""
    counts = np.histogram2d(x, y, [x_edges, y_edges])[0]
    smooth = counts
    for axis in (0, 1):  # weights 1, 2, 1: cells of few samples are noisy
        padded = np.pad(smooth, [(1, 1) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        take = lambda k, p=padded, a=axis: np.take(p, range(k, k + BINS), axis=a)  # noqa: E731
        smooth = (take(0) + 2 * take(1) + take(2)) / 4
    order = np.sort(smooth.ravel())[::-1]
    share = np.cumsum(order) / max(order.sum(), 1e-300)
    cuts = [order[min(int(np.searchsorted(share, level)), len(order) - 1)] for level in LEVELS]
    middle = [(edges[1:] + edges[:-1]) / 2 for edges in (x_edges, y_edges)]
    levels = sorted({*cuts, order[0] * 1.0001})
    if len(levels) > 1:
        axes.contourf(*middle, smooth.T, levels=levels, colors=[color(5), color(0)][-(len(levels) - 1) :])


def label(axes, names: list[str], row: int, column: int, n: int) -> None:
    """Names along the left and the lower edge of the triangle."""
    axes.tick_params(labelsize=7)
    if row == n - 1:
        axes.set_xlabel(names[column])
    else:
        axes.set_xticklabels([])
    if column == 0 and row > 0:
        axes.set_ylabel(names[row])
    elif column != row:
        axes.set_yticklabels([])
