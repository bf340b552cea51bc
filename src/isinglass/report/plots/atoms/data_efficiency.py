# SPDX-License-Identifier: Apache-2.0
"""Errors of forces against labelled configurations, a curve for each kind of network.

`network`, `configurations`, `force_error` (relative), `force_error_spread` [point].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Error of forces on held-out configurations, relative to the forces, against the number of labelled ones: mean "
    "over trainings with its standard error."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Logarithms on both axes."""
    figure, (axes,) = new_figure()
    network = arrays["network"].to_numpy().astype(str)
    for k, name in enumerate(dict.fromkeys(network.tolist())):
        here = network == name
        x, y, s = (arrays[v].to_numpy()[here] for v in ("configurations", "force_error", "force_error_spread"))
        error = np.minimum(s, 0.9 * y) if np.isfinite(s).all() else None
        points(axes, x, y, error, k, readable(name))
    axes.set(xscale="log", yscale="log", xlabel="labelled configurations", ylabel="relative error of forces")
    legend(axes)
    return figure
