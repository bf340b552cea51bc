# SPDX-License-Identifier: Apache-2.0
"""A flow and HMC towards the critical line: autocorrelation_time(method, size), effective_samples_per_second,
cost_of_training.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "EFFECTIVE", "draw"]

EFFECTIVE = 1e5  # effective samples whose cost is plotted
NAMES = ("autocorrelation_time", "autocorrelation_time_error", "effective_samples_per_second", "cost_of_training")
LABELS = {"flow": "flow (proposals)", "hmc": "HMC (trajectories)"}
CAPTION = (
    "Left: integrated autocorrelation time of the slowest observable, in proposals or trajectories. Right: time for "
    "100 000 effective samples; dashed: with the training of the flow."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Autocorrelation time and cost against the lattice size; each size has its own coupling."""
    figure, (left, right) = new_figure(2)
    L = arrays["size"].to_numpy().astype(float)
    for i, method in enumerate(arrays["method"].to_numpy().tolist()):
        row = {name: arrays[name].isel(method=i).to_numpy() for name in NAMES}
        label = LABELS.get(method, method)
        points(left, L, row["autocorrelation_time"], row["autocorrelation_time_error"], i, label)
        seconds = EFFECTIVE / row["effective_samples_per_second"]
        training = row["cost_of_training"]
        points(right, L, seconds, None, i, label)
        if np.any(training > 0):
            right.plot(L, seconds + training, color=color(i), linestyle="--", linewidth=1.0)
    left.set(xlabel="$L$", ylabel=r"autocorrelation time $\tau$", yscale="log", xticks=L)
    right.set(xlabel="$L$", ylabel="seconds for 100 000 effective samples", yscale="log", xticks=L)
    legend(left)
    return figure
