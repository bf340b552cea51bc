# SPDX-License-Identifier: Apache-2.0
"""Posterior of every parameter and of every pair: histograms on the diagonal, regions of 68 % and 95 % below it.

Input: a variable [sample] for each name in the coordinate `parameter`, with its `unit` as an attribute where it has
one; the first six are drawn.  `exact_posterior` (parameter, exact_sample) and `truth` (parameter) where they are known.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.ndimage import gaussian_filter

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Posterior samples: each parameter, and each pair with the smallest regions that hold 68 % and 95 %. Dashed, where "
    "they are known: the same by the exact likelihood; dotted: the true parameters."
)
MOST, BINS, LEVELS = 6, 40, (0.95, 0.68)
SMOOTH = 1.2  # bins


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A triangle of panels."""
    names = [str(name) for name in arrays["parameter"].to_numpy()][:MOST]
    columns = [arrays[name].to_numpy() for name in names]
    exact = arrays["exact_posterior"].to_numpy() if "exact_posterior" in arrays else None
    truth = arrays["truth"].to_numpy() if "truth" in arrays else None
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
            known(axes, exact, truth, row, column, edges)
            label(axes, [named(arrays, name) for name in names], row, column, n)
    return figure


def named(arrays: xr.Dataset, name: str) -> str:
    """The name as words, and its unit."""
    unit = arrays[name].attrs.get("unit")
    return readable(name) + (f" ({unit})" if unit else "")


def known(
    axes, exact: np.ndarray | None, truth: np.ndarray | None, row: int, column: int, edges: list[np.ndarray]
) -> None:
    """Samples of the exact posterior and the true parameters, as lines."""
    if exact is not None and column == row:
        axes.hist(exact[row], bins=edges[row][::2], density=True, histtype="step", color=EXACT, linestyle="--")
    elif exact is not None:
        regions(axes, exact[column], exact[row], edges[column], edges[row], lines=True)
    if truth is not None:
        axes.axvline(truth[column], color=EXACT, linestyle=":", linewidth=1.0)
        if column != row:
            axes.axhline(truth[row], color=EXACT, linestyle=":", linewidth=1.0)


def spread(column: np.ndarray) -> np.ndarray:
    """Edges of bins from the 0.1 % to the 99.9 % quantile."""
    low, high = np.quantile(column, [0.001, 0.999])
    return np.linspace(low, high if high > low else low + 1, BINS + 1)


def regions(
    axes, x: np.ndarray, y: np.ndarray, x_edges: np.ndarray, y_edges: np.ndarray, *, lines: bool = False
) -> None:
    """The cells of largest density that hold 95 % (light) and 68 % (dark) of the samples, or lines around them."""
    density, cuts = smallest_regions(x, y, x_edges, y_edges)
    middle = [(edges[1:] + edges[:-1]) / 2 for edges in (x_edges, y_edges)]
    levels = sorted({*cuts, density.max() * 1.0001})
    if lines:
        axes.contour(*middle, density.T, levels=levels[:-1], colors=EXACT, linestyles="--", linewidths=0.9)
    elif len(levels) > 1:
        axes.contourf(*middle, density.T, levels=levels, colors=[color(5), color(0)][-(len(levels) - 1) :])


def smallest_regions(
    x: np.ndarray, y: np.ndarray, x_edges: np.ndarray, y_edges: np.ndarray
) -> tuple[np.ndarray, list[float]]:
    """Smoothed counts of the cells, and those above which 95 % and 68 % of the samples lie.

    Law: of samples of one law the regions have one size, whatever their number.
    """
    density = gaussian_filter(np.histogram2d(x, y, [x_edges, y_edges])[0], SMOOTH, mode="nearest")
    order = np.sort(density.ravel())[::-1]
    share = np.cumsum(order) / max(order.sum(), 1e-300)
    return density, [float(order[min(int(np.searchsorted(share, level)), len(order) - 1)]) for level in LEVELS]


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
