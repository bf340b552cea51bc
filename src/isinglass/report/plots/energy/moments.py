# SPDX-License-Identifier: Apache-2.0
"""Means and products of pairs of samples against those of rows that were held out.

Input: `mean`, `held_out_mean` [site]; `pair`, `held_out_pair` [pair].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Means of each unit and of products of pairs: samples of the machine against rows that were held out. On the "
CAPTION += "line both are equal."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A point for each moment."""
    figure, (axes,) = new_figure(width=4.2, height=4.0)
    for i, (name, label) in enumerate((("pair", "pairs"), ("mean", "means"))):
        points(axes, arrays[f"held_out_{name}"].to_numpy(), arrays[name].to_numpy(), None, i, label, line=False)
    ends = [float(min(arrays[n].min() for n in ("pair", "mean", "held_out_pair", "held_out_mean"))),
            float(max(arrays[n].max() for n in ("pair", "mean", "held_out_pair", "held_out_mean")))]  # fmt: skip
    axes.plot(ends, ends, color=EXACT, linewidth=0.8)
    axes.set(xlabel="held-out rows", ylabel="machine")
    legend(axes)
    return figure
