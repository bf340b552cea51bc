# SPDX-License-Identifier: Apache-2.0
"""Topological charge along a chain, and its autocorrelation time against β.

charge(method, step), charge_time(method, beta), charge_time_error.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: topological charge Q of one chain of each method at the largest β. Right: its integrated autocorrelation "
    "time, in trajectories of HMC and in proposals of the flow with independence Metropolis."
)
LABELS = {"hmc": "HMC", "flow": "flow"}


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """History in the left panel, autocorrelation times in the right one."""
    figure, (left, right) = new_figure(2)
    beta = arrays["beta"].to_numpy()
    charge = arrays["charge"].to_numpy()
    shown = min(charge.shape[1], 1000)
    for i, method in enumerate(arrays["method"].to_numpy()):
        label = LABELS.get(str(method), str(method))
        left.step(np.arange(shown), charge[i, :shown], color=color(i), linewidth=0.8, label=label, zorder=3 - i)
        tau, error = (arrays[name].to_numpy()[i] for name in ("charge_time", "charge_time_error"))
        points(right, beta, tau, error, i, label)
    left.set(xlabel="step", ylabel="topological charge $Q$")
    right.set(yscale="log", xlabel=r"$\beta$", ylabel=r"autocorrelation time of $Q$")
    legend(right)
    return figure
