# SPDX-License-Identifier: Apache-2.0
"""Samples of a generator beside its data on a ring of modes, and counts of each mode.

Input: `generated`, `data` [sample, axis]; `count` [mode]; `expected_count`.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: data. Middle: samples of the generator; between the modes lie those of a continuous map. Right: samples "
    "near each mode; dashed, equally many."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Three panels."""
    figure, (left, middle, right) = new_figure(3, width=10.0, height=3.4)
    for axes, name in ((left, "data"), (middle, "generated")):
        axes.plot(*arrays[name].to_numpy().T, ".", color=color(0), markersize=2, rasterized=True)
        axes.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 3), ylim=(-3, 3), aspect="equal", title=name)
    count = arrays["count"].to_numpy()
    right.bar(np.arange(1, len(count) + 1), count, color=color(0))
    exact_line(right, y=float(arrays["expected_count"]))
    right.set(xlabel="mode", ylabel="samples")
    return figure
