# SPDX-License-Identifier: Apache-2.0
"""Mean square error of a sparse linear teacher by message passing and by LASSO, with theory.

Input: `sparse` [estimator, sparse_alpha] with _error; `lasso_exact` [sparse_curve]; `bayes_alpha`, `bayes_exact` [s].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Mean square error of the unknowns of a sparse linear teacher against rows by unknowns; lines: theory, N → ∞."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two series."""
    figure, (axes,) = new_figure()
    alpha, curve = arrays["sparse_alpha"].to_numpy(), arrays["sparse_curve"].to_numpy()
    axes.plot(arrays["bayes_alpha"], arrays["bayes_exact"], color=color(0), linewidth=1.0)
    axes.plot(curve, arrays["lasso_exact"], color=color(1), linewidth=1.0)
    for i, name in enumerate(("message passing", "LASSO")):
        points(axes, alpha, arrays["sparse"].to_numpy()[i], arrays["sparse_error"].to_numpy()[i], i, name, line=False)
    axes.set(xlabel="rows by unknowns $α = n/N$", ylabel="mean square error", yscale="log",
             xlim=(curve.min(), curve.max()), ylim=(max(0.3 * float(arrays["sparse"].min()), 1e-6), 1.0))  # fmt: skip
    legend(axes)
    return figure
