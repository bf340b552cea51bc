# SPDX-License-Identifier: Apache-2.0
"""A field, its observation, and its posterior: maps(map, row, column), the names of the maps as coordinate."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "A field observed with noise and a hole, its exact posterior mean, and mean and one sample of the model."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """All maps in one row, with the color scale of the first."""
    maps = arrays["maps"].to_numpy()
    reach = float(np.abs(maps[0]).max())
    figure, panels = new_figure(len(maps), width=1.9 * len(maps), height=2.3)
    for axes, image, name in zip(panels, maps, arrays["map"].to_numpy().tolist(), strict=True):
        axes.set_facecolor("#cccccc")
        axes.imshow(image, vmin=-reach, vmax=reach, cmap="RdBu_r", interpolation="nearest")
        axes.set(xticks=[], yticks=[], title=name)
        axes.grid(visible=False)
        axes.spines[:].set_visible(True)
    return figure
