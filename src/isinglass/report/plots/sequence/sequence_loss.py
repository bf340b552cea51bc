# SPDX-License-Identifier: Apache-2.0
"""Loss on held-out symbols by their place in the window, of a network and of counting.

Input: `place_loss` [place], `counted_loss` [order, place].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Loss on held-out symbols by how many symbols are known before them, of the network (points) and of counting "
CAPTION += "what followed the last r symbols (lines)."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A line for each order."""
    figure, (axes,) = new_figure()
    place = arrays["place"].to_numpy()
    for i, r in enumerate(arrays["order"].to_numpy()):
        axes.plot(place, arrays["counted_loss"].to_numpy()[i], color=color(i + 1), linewidth=1.0, label=f"$r$ = {r}")
    points(axes, place, arrays["place_loss"].to_numpy(), None, 0, "network", line=False)
    axes.set(xlabel="symbol of the window", ylabel="loss (nat)")
    legend(axes)
    return figure
