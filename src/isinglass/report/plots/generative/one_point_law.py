# SPDX-License-Identifier: Apache-2.0
"""Probability density of the field at a site, of model and data: law_OF(bin_OF), law_OF_error, law_OF_data."""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Probability density of the field at a site, of the diffusion model and of its training data."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The density on a linear and on a logarithmic axis."""
    x = arrays[f"bin_{of}"].to_numpy()
    law, error, data = (arrays[f"law_{of}{end}"].to_numpy() for end in ("", "_error", "_data"))
    figure, panels = new_figure(2)
    for axes, scale in zip(panels, ("linear", "log"), strict=True):
        axes.plot(x, data, color=EXACT, linewidth=1.0, label="data")
        points(axes, x, law, error, 0, "diffusion", line=False)
        axes.set(xlabel="field at a site", ylabel="probability density", yscale=scale)
    legend(panels[0])
    return figure
