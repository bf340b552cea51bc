# SPDX-License-Identifier: Apache-2.0
"""The true energy along learned motions of several systems: `energy_error` [system, method, period], relative."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Root mean square of E(t) - E(0) over motions from held-out states, E the true energy in units of that of the "
    "data, as the learned equation of motion is followed. A line that ends: a motion that left all bounds."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A panel for each system, a line for each network."""
    systems = [str(name) for name in arrays["system"].to_numpy()]
    figure, panels = new_figure(len(systems), width=max(5.6, 3.1 * len(systems)), height=3.4)
    period = arrays["period"].to_numpy()
    for i, (axes, name) in enumerate(zip(panels, systems, strict=True)):
        for k in range(arrays.sizes["method"]):
            y = arrays["energy_error"].to_numpy()[i, k]
            rows = np.isfinite(y) & (y > 0) & (y < 1e4)
            if rows.any():
                axes.plot(period[rows], y[rows], color=color(k))
        axes.set(xscale="log", yscale="log", xlabel="periods")
        axes.set_title(readable(name))
    panels[0].set_ylabel("energy error")
    for k, method in enumerate(arrays["method"].to_numpy()):
        panels[0].plot([], [], color=color(k), label=readable(str(method)))
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside upper left", ncols=4)
    return figure
