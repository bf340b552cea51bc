# SPDX-License-Identifier: Apache-2.0
"""Energies of the plane, learned and true, as contours.

Input: `normal_energy`, `normal_exact`, `modes_energy`, `modes_exact` [x, y].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Contours of E + ln Z of the trained network (color) and of -ln p (black), at 2, 3, 4, 5 and 6."
LEVELS = (2.0, 3.0, 4.0, 5.0, 6.0)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A panel for each density."""
    figure, panels = new_figure(2, width=8.0, height=3.8)
    x, y = np.meshgrid(arrays["x"].to_numpy(), arrays["y"].to_numpy(), indexing="ij")
    for axes, name in zip(panels, ("normal", "modes"), strict=True):
        axes.contour(x, y, arrays[f"{name}_exact"].to_numpy(), levels=LEVELS, colors=[EXACT], linewidths=0.8)
        axes.contour(x, y, arrays[f"{name}_energy"].to_numpy(), levels=LEVELS, colors=[color(1)], linestyles="--")
        axes.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3.2, 3.2), ylim=(-3.2, 3.2), aspect="equal", title=name)
    return figure
