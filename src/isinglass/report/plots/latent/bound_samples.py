# SPDX-License-Identifier: Apache-2.0
"""Bounds of the log likelihood by k samples, below the exact one.

Input: `linear_bound`, `plane_bound` [k] with _error.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Mean over rows of the bound by k samples of q, less the log likelihood (the line at 0): in closed form for the "
    "linear model, whose q was made too wide, and by quadrature for the model of the plane with one latent."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A curve for each model."""
    figure, (axes,) = new_figure()
    k = arrays["k"].to_numpy()
    for i, name in enumerate(("linear", "plane")):
        points(axes, k, arrays[f"{name}_bound"].to_numpy(), arrays[f"{name}_bound_error"].to_numpy(), i, name)
    exact_line(axes, y=0.0)
    axes.set(xlabel="samples $k$", ylabel=r"bound $-\ \ln p$ (nat)", xscale="log")
    legend(axes)
    return figure
