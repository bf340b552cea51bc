# SPDX-License-Identifier: Apache-2.0
"""Radial distribution function: radial_distribution(r), or [potential, r] with radial_distribution_error; r in Å."""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, legend, new_figure, select, series

__all__ = ["CAPTION", "draw"]

CAPTION = "Density of atoms at a distance from another, over the mean density. Dashed: an ideal gas."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """g over r."""
    figure, (axes,) = new_figure()
    r = arrays["r"].to_numpy()
    for k, (label, selection) in enumerate(series(arrays["radial_distribution"], "potential")):
        g, error = (select(arrays, name, selection) for name in ("radial_distribution", "radial_distribution_error"))
        axes.plot(r, g, color=color(k), label=label or None, linestyle="-" if k == 0 else (0, (4, 2)))
        if error is not None:
            axes.fill_between(r, g - error, g + error, color=color(k), alpha=0.25, linewidth=0)
    exact_line(axes, y=1.0, label="ideal gas")
    axes.set(xlabel="distance (Å)", ylabel="radial distribution $g$", xlim=(0, None), ylim=(0, None))
    legend(axes)
    return figure
