# SPDX-License-Identifier: Apache-2.0
"""Held-out and learned motions from the same states: `observed`, `predicted` [window, t_window, coordinate]."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Held-out motions (points) and the learned ones from the same first state (lines), over about a period."
MOST = 6


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The first coordinate against its momentum; and, in more than one dimension, the first two coordinates."""
    names = [str(name) for name in arrays["coordinate"].to_numpy()]
    d = len(names) // 2
    pairs = [(0, d), (0, 1)] if d > 1 else [(0, 1)]
    figure, panels = new_figure(len(pairs), height=3.8)
    observed, predicted = (arrays[name].to_numpy()[:MOST] for name in ("observed", "predicted"))
    for axes, (i, j) in zip(panels, pairs, strict=True):
        for k, (seen, found) in enumerate(zip(observed, predicted, strict=True)):
            rows = np.isfinite(found).all(axis=1)
            axes.plot(found[rows, i], found[rows, j], color=color(k), linewidth=1.2, label=None if k else "learned")
            axes.plot(seen[:, i], seen[:, j], ".", color=EXACT, markersize=3, label=None if k else "held out")
        axes.set(xlabel=symbol(names[i]), ylabel=symbol(names[j]))
    legend(panels[0])
    return figure


def symbol(name: str) -> str:
    """q1 as $q_1$."""
    return f"${name[0]}_{{{name[1:]}}}$"
