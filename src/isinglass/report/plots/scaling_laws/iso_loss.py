# SPDX-License-Identifier: Apache-2.0
"""Contours of equal loss over parameters and tokens, with the runs and the best split of each compute.

Input: `parameters`, `tokens`, `loss` [run], `curve_parameters`, `curve_tokens` [curve], `law` [coefficient].
"""

import numpy as np
import xarray as xr
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from isinglass.report.plots.scaling_laws.loss_size import UNITS
from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Contours of equal loss of the fitted law over parameters and tokens, the runs (colored by their loss on the "
CAPTION += "same scale), and the split of each compute with the smallest loss."
POINTS, LEVELS = 80, 12


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Logarithmic axes over the range of the runs and of the splits."""
    figure, (axes,) = new_figure(height=4.2)
    N, D, loss = (arrays[name].to_numpy() for name in ("parameters", "tokens", "loss"))
    best_N, best_D = (arrays[f"curve_{name}"].to_numpy() for name in ("parameters", "tokens"))
    x, y = (np.geomspace(min(a.min(), b.min()), max(a.max(), b.max()), POINTS) for a, b in ((N, best_N), (D, best_D)))
    E, alpha, beta, A, B = arrays["law"].to_numpy()
    surface = E + A * x**-alpha + B * y[:, None] ** -beta
    levels = np.geomspace(surface.min(), loss.max(), LEVELS)
    norm = Normalize(levels[0], levels[-1])
    contours = axes.contour(x, y, surface, levels=levels, linewidths=0.8, norm=norm)
    axes.clabel(contours, fmt="%.3g", fontsize=8)
    axes.scatter(N, D, c=loss, s=14, norm=norm, linewidths=0)
    axes.plot(best_N, best_D, color=color(1), label="best split of a compute")
    axes.set(xscale="log", yscale="log", xlabel=UNITS["parameters"], ylabel=UNITS["tokens"])
    legend(axes)
    return figure
