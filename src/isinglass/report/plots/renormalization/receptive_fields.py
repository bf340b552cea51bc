# SPDX-License-Identifier: Apache-2.0
"""Weights of hidden spins of a stack of two machines as images on the lattice.

Input: `first_fields` [first, y, x]; `second_fields` [second, y, x], the product of both layers.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.plots.energy.machine_weights import mosaic
from isinglass.report.style import new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Weights from a hidden spin to each site, red positive, each over its largest one: of the first machine; of the "
    "second one, through the first. A block spin would be one block of 2 x 2, of 4 x 4, of one color."
)
SHOWN = 16


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Four to a row."""
    figure, panels = new_figure(2, width=6.4, height=3.4)
    for axes, name in zip(panels, ("first", "second"), strict=True):
        fields = arrays[f"{name}_fields"].to_numpy()
        chosen = fields[np.argsort(-np.square(fields).sum(axis=(1, 2)))][:SHOWN]
        largest = np.maximum(np.abs(chosen).max(axis=(1, 2), keepdims=True), 1e-12)
        axes.imshow(mosaic(chosen / largest), cmap="RdBu_r", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(f"{name} hidden layer")
        axes.set_axis_off()
    return figure
