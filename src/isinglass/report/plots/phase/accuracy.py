# SPDX-License-Identifier: Apache-2.0
"""Accuracy of each classifier on each system.

accuracy(system, network), accuracy_error.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Accuracy on configurations from chains outside the training set; gray line: guessing."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One group of points per system, one color per classifier."""
    figure, (axes,) = new_figure()
    systems, networks = (list(map(str, arrays[name].to_numpy())) for name in ("system", "network"))
    axes.axhline(0.5, color="#999999", linewidth=0.8)
    place = np.arange(len(systems), dtype=float)
    for i, network in enumerate(networks):
        aside = 0.12 * (i - (len(networks) - 1) / 2)
        value, error = (arrays[name].isel(network=i).to_numpy() for name in ("accuracy", "accuracy_error"))
        label = "exact rule" if network == "exact" else readable(network)
        points(axes, place + aside, value, error, i, label, line=False)
    axes.set_xticks(place, systems)
    axes.set(ylabel="accuracy", ylim=(0.4, 1.05), xlim=(-0.5, len(systems) - 0.5))
    legend(axes)
    return figure
