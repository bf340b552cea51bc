# SPDX-License-Identifier: Apache-2.0
"""Fields of the data and of a model: fields_OF(source, panel, row, column), the data first."""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Left half: samples of the data. Right half: samples of the diffusion model. One color scale."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """All fields in one row, with one color scale."""
    data, samples = arrays[f"fields_{of}"].to_numpy()
    low, high = float(data.min()), float(data.max())
    figure, panels = new_figure(2 * len(data), width=1.5 * 2 * len(data), height=1.9)
    for i, (axes, image) in enumerate(zip(panels, [*data, *samples], strict=True)):
        axes.imshow(image, vmin=low, vmax=high, interpolation="nearest")
        axes.set(xticks=[], yticks=[], title="data" if i < len(data) else "diffusion")
        axes.spines[:].set_visible(True)
    return figure
