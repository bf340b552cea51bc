# SPDX-License-Identifier: Apache-2.0
"""The law of each entry: histograms of samples, and of rows that were held out where there are any.

Input: `configurations` [sample, ...], and `held_out` [row, ...] or none; `axis_0`, the names of the entries, or none.
The first six entries are drawn.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, new_figure

__all__ = ["caption", "draw"]

MOST, BINS = 6, 40


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of the held-out rows where there are some."""
    rows = ", and of rows that it was not trained on" * ("held_out" in arrays)
    return f"Density of each entry, by histograms of samples of the model{rows}."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel an entry, from the 0.5 % to the 99.5 % quantile."""
    flat = {name: arrays[name].to_numpy().reshape(arrays[name].shape[0], -1) for name in ("configurations", "held_out")
            if name in arrays}  # fmt: skip
    n = min(MOST, flat["configurations"].shape[1])
    figure, panels = new_figure(n)
    names = arrays["axis_0"].to_numpy() if "axis_0" in arrays.coords else [f"entry {i}" for i in range(n)]
    for i, axes in zip(range(n), panels, strict=False):
        low, high = np.quantile(np.concatenate([rows[:, i] for rows in flat.values()]), [0.005, 0.995])
        edges = np.linspace(low, high, BINS + 1) if high > low else BINS
        for k, (name, rows) in enumerate(flat.items()):
            label = {"configurations": "samples", "held_out": "held-out rows"}[name]
            axes.hist(rows[:, i], bins=edges, density=True, histtype="step", color=color(k), label=label)
        axes.set(xlabel=str(names[i]), ylabel="density" if i == 0 else "")
    panels[0].legend()
    return figure
