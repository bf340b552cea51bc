# SPDX-License-Identifier: Apache-2.0
"""Best margins of random dichotomies against the load, with Gardner's curve.

Input: `margin` [alpha] with _error; `capacity_exact` [kappa].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Best margin κ of random labels against points by dimensions, extrapolated in 1/N; line: Gardner's capacity "
CAPTION += "α(κ), which is 2 at margin 0."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points on the curve."""
    figure, (axes,) = new_figure()
    axes.plot(arrays["capacity_exact"], arrays["kappa"], color=EXACT, linewidth=1.1, label="theory")
    points(axes, arrays["alpha"].to_numpy(), arrays["margin"].to_numpy(), arrays["margin_error"].to_numpy(), 0,
           "random labels, $N$ → ∞", line=False)  # fmt: skip
    axes.set(xlabel="points by dimensions $α$", ylabel="margin $κ$", xlim=(0, 2.1))
    legend(axes)
    return figure
