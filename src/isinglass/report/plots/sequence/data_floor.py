# SPDX-License-Identifier: Apache-2.0
"""Loss less entropy against the number of symbols learned from, with the fitted law.

Input: `run_loss`, `run_symbols` [run]; `run_floor`, `fit_loss`, `fit_coefficient`, `fit_exponent`.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Loss of each run against the symbols that it learned from, and the fit E + B/D^β of a floor that it is not told; "
)
CAPTION += "dashed: the entropy of the source; shaded: E with its error."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Runs, fit, both floors."""
    figure, (axes,) = new_figure()
    D, loss = arrays["run_symbols"].to_numpy(), arrays["run_loss"].to_numpy()
    points(axes, D, loss, None, 0, "runs", line=False)
    at = np.geomspace(D.min(), 30 * D.max(), 200)
    E, error = float(arrays["fit_loss"]), float(arrays["fit_error"])
    fit = E + float(arrays["fit_coefficient"]) * at ** -float(arrays["fit_exponent"])
    axes.plot(at, fit, color=color(1), label="fit")
    if np.isfinite(error):
        axes.axhspan(E - error, E + error, color=color(1), alpha=0.2, linewidth=0)
    exact_line(axes, y=float(arrays["run_floor"]), label="entropy")
    axes.set(xscale="log", xlabel="symbols $D$", ylabel="loss (nat)")
    legend(axes)
    return figure
