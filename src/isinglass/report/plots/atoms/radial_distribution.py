# SPDX-License-Identifier: Apache-2.0
"""Radial distribution function: radial_distribution(r), r in Å."""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Density of atoms at a distance from another, over the mean density. Dashed: an ideal gas."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """g over r."""
    figure, (axes,) = new_figure()
    axes.plot(arrays["r"].to_numpy(), arrays["radial_distribution"].to_numpy(), color=color(0))
    exact_line(axes, y=1.0, label="ideal gas")
    axes.set(xlabel="distance (Å)", ylabel="radial distribution $g$", xlim=(0, None), ylim=(0, None))
    legend(axes)
    return figure
