# SPDX-License-Identifier: Apache-2.0
"""How far samples of posteriors are told from exact ones, task by task.

Input: c2st (task, way, observation), published (task, kind).
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Accuracy of a classifier of posterior samples and exact ones, of each observation; 0.5 where they cannot be told "
    "apart. Bars: published for posterior estimation with as many simulations, in one round and in ten (mean of ten "
    "observations, arXiv:2101.04653)."
)
SHIFT = 0.14  # between the ways, in tasks


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A row for each task."""
    tasks, ways = arrays["task"].to_numpy(), arrays["way"].to_numpy()
    figure, (axes,) = new_figure(width=6.4, height=1.2 + 0.42 * len(tasks))
    rows = np.arange(len(tasks))[::-1]
    for k, kind in enumerate(arrays["kind"].to_numpy()):
        style = {"color": EXACT, "linewidth": 1.4, "linestyle": ("-", ":")[k]}
        for i, value in enumerate(arrays["published"].to_numpy()[:, k]):
            label = f"published, {kind}" if i == 0 else None
            axes.plot([value, value], rows[i] + np.array([-0.35, 0.35]), label=label, **style)
    for w, way in enumerate(ways):
        height = rows - SHIFT * (w - (len(ways) - 1) / 2)
        values = arrays["c2st"].to_numpy()[:, w]
        axes.plot(values.ravel(), np.repeat(height, values.shape[1]), "o", color=color(w), markersize=4,
                  label=str(way))  # fmt: skip
    axes.axvline(0.5, color=EXACT, linewidth=0.8, alpha=0.5)
    axes.set(xlabel="accuracy of the classifier (C2ST)", xlim=(0.45, 1.02), ylim=(-0.6, len(tasks) - 0.4))
    axes.set_yticks(rows, [readable(str(task)) for task in tasks])
    legend(axes)
    return figure
