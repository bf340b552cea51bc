# SPDX-License-Identifier: Apache-2.0
"""How well held-out pairs are told, against the number of pairs of the training.

Input: budget, told, told_error (training).
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "How well pairs that were held out are told, against the number of pairs of the training. They are the same for "
    "all, so that differences are known better than the bars say. Where it rises, more simulations sharpen it."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """On a logarithmic axis."""
    figure, (axes,) = new_figure()
    n, told, error = (arrays[name].to_numpy() for name in ("budget", "told", "told_error"))
    points(axes, n, told, error, 0, "", line=True)
    axes.set(xscale="log", xlabel="pairs", ylabel="mean over held-out pairs / nat")
    axes.set_xticks(n, [f"{k:d}" for k in n])
    axes.minorticks_off()
    return figure
