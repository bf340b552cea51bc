# SPDX-License-Identifier: Apache-2.0
"""Errors of a potential on held-out frames, against the number of frames trained on: `test_error` (frames)."""

import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from isinglass.report.style import new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Root mean square error on held-out frames against the number of frames that were trained on. The held-out frames "
    "are the same for all, so that differences are known better than the bars say."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Logarithms on both axes."""
    figure, (axes,) = new_figure()
    n, y, error = (arrays[name].to_numpy() for name in ("frames", "test_error", "test_error_error"))
    points(axes, n, y, error, 0, "", line=True)
    axes.set(xscale="log", yscale="log", xlabel="frames", ylabel=f"error ({arrays.attrs['test_error_unit']})")
    axes.set_xticks(n, [f"{k:d}" for k in n])
    axes.xaxis.set_minor_formatter(NullFormatter())
    for set_formatter in (axes.yaxis.set_major_formatter, axes.yaxis.set_minor_formatter):
        set_formatter(FuncFormatter(lambda v, _: f"{v:g}"))
    return figure
