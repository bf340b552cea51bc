# SPDX-License-Identifier: Apache-2.0
"""Losses of runs against compute, with the best loss of each compute; of a law of one size against that size.

Input: `loss`, `held_out` and the sizes [run]; `curve`, `curve_size` [curve], `curve_band` [side, curve].
"""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, exact_line, legend, new_figure

__all__ = ["UNITS", "caption", "draw"]

UNITS = {"compute": "compute $C$ (FLOP)", "parameters": "parameters $N$", "tokens": "tokens $D$"}
BOTH = "Losses of the runs against their compute. Line: the smallest loss of each compute by the fitted law, with the "
BOTH += "band of one error. Squares: the largest runs, which the others were to predict."
ONE = "Losses of the runs and the fitted law, with the band of one error. Squares: the largest runs, which the others "
ONE += "were to predict."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of a law of two sizes or of one."""
    return BOTH if "curve_parameters" in arrays else ONE


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Logarithmic axes; runs colored by parameters where there are two sizes."""
    figure, (axes,) = new_figure()
    both = "curve_parameters" in arrays
    name = "compute" if both else str(arrays.attrs["sizes"])
    x, y, held = (arrays[v].to_numpy() for v in (name, "loss", "held_out"))
    shade = np.log10(arrays["parameters"].to_numpy()) if both else np.zeros_like(x)
    scale: Any = {"vmin": shade.min(), "vmax": shade.max()}
    shown = [axes.scatter(x[rows], y[rows], s=12, marker=marker, linewidths=0, c=shade[rows], **scale)
             for rows, marker in ((~held, "o"), (held, "s"))]  # fmt: skip
    if both:
        figure.colorbar(shown[0], ax=axes, label="log$_{10}$ parameters")
    at = arrays["curve_size"].to_numpy()
    axes.plot(at, arrays["curve"].to_numpy(), color=color(1), label="best of each compute" if both else "law")
    axes.fill_between(at, *arrays["curve_band"].to_numpy(), color=color(1), alpha=0.25, linewidth=0)
    floor = float(arrays["law"].sel(coefficient="irreducible_loss"))
    if floor > 0.3 * y.min():
        exact_line(axes, y=floor, label="irreducible loss")
    axes.set(xscale="log", yscale="log", xlabel=UNITS[name], ylabel="loss")
    axes.tick_params(axis="y", which="minor", labelsize=8)
    axes.spines["bottom"].set_color(EXACT)
    legend(axes)
    return figure
