# SPDX-License-Identifier: Apache-2.0
"""Residuals ln (loss/law) against each size.

Input: `residual`, `held_out` and the sizes [run].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.plots.scaling_laws.loss_size import UNITS
from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Residuals ln (loss / law) of the runs against each size, with the band of one scatter; markers at the upper "
CAPTION += "and lower end are runs beyond it. A right law leaves no trend."
WIDTHS = 6.0


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A panel for each size; the axis ends at 6 scatters."""
    names = [name for name in UNITS if name in arrays]
    figure, panels = new_figure(len(names), width=max(5.6, 3.4 * len(names)))
    r = arrays["residual"].to_numpy()
    scatter = max(1.4826 * float(np.median(np.abs(r))), 1e-15)
    far = np.abs(r) > WIDTHS * scatter
    for axes, name in zip(panels, names, strict=True):
        x = arrays[name].to_numpy()
        axes.axhspan(-scatter, scatter, color="#eeeeee", linewidth=0)
        axes.axhline(0, color=EXACT, linestyle="--", linewidth=1.1)
        axes.plot(x[~far], r[~far], ".", color=color(0), markersize=4)
        axes.plot(x[far], np.clip(r[far], -WIDTHS * scatter, WIDTHS * scatter), "d", color=color(1), markersize=5)
        axes.set(xscale="log", xlabel=UNITS[name], ylim=(-1.1 * WIDTHS * scatter, 1.1 * WIDTHS * scatter))
    panels[0].set_ylabel("ln (loss / law)")
    return figure
