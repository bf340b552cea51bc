# SPDX-License-Identifier: Apache-2.0
"""Relative error of inferred couplings against the number of samples, by method.

Input: `error` [method, n] with _error.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Error |J - J*|/|J*| of the couplings of glasses against the number of samples. The line falls as its root."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A curve for each method."""
    figure, (axes,) = new_figure()
    n, error = arrays["n"].to_numpy(), arrays["error"].to_numpy()
    for i, method in enumerate(arrays["method"].to_numpy()):
        points(axes, n, error[i], arrays["error_error"].to_numpy()[i], i, str(method))
    axes.plot(n, 0.8 * error[0, 0] * (n / n[0]) ** -0.5, color=EXACT, linewidth=0.8, label="$n^{-1/2}$")
    axes.set(xlabel="samples $n$", ylabel="error of the couplings", xscale="log", yscale="log")
    legend(axes)
    return figure
