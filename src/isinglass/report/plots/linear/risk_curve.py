# SPDX-License-Identifier: Apache-2.0
"""Excess risk against the number of columns by rows, with its theory.

Input: `risk` [quantile, gamma, estimator] at quartiles, `risk_exact` [estimator, gamma_exact].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Excess risk of linear regression against columns by rows: median and quartiles over data sets. Lines: exact for "
)
CAPTION += "infinitely many rows (Marchenko-Pastur); without ridge it is infinite at one."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each method, logarithmic axes."""
    figure, (axes,) = new_figure()
    gamma, dense = arrays["gamma"].to_numpy(), arrays["gamma_exact"].to_numpy()
    for i, name in enumerate(arrays["estimator"].to_numpy()):
        low, middle, high = arrays["risk"].to_numpy()[:, :, i]
        exact = arrays["risk_exact"].to_numpy()[i]
        axes.plot(dense, np.where(np.isfinite(exact), exact, np.nan), color=color(i), linewidth=1.0)
        points(axes, gamma, middle, [middle - low, high - middle], i, str(name), line=False)
    axes.set(xscale="log", yscale="log", xlabel="columns by rows, γ = p/n", ylabel="excess risk", ylim=(0.05, 50))
    legend(axes)
    return figure
