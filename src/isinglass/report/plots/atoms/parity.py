# SPDX-License-Identifier: Apache-2.0
"""Predictions of held-out frames against their labels: `energy`, `energy_predicted`, `force`, `force_predicted`."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Predictions for held-out frames against their labels: components of forces, and energies an atom less those of "
    "the atoms alone (dashed: equal)."
)
MOST = 20_000  # points drawn


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Forces, where there are labels, and energies."""
    seen = [("force", "force component", "eV/Å")] if "force" in arrays else []
    seen += [("energy", "energy an atom", "eV")]
    figure, panels = new_figure(len(seen))
    for axes, (name, what, unit) in zip(panels, seen, strict=True):
        x, y = (arrays[k].to_numpy().ravel() for k in (name, f"{name}_predicted"))
        every = -(-len(x) // MOST)
        against(axes, x[::every], y[::every])
        rms = np.sqrt(np.mean((y - x) ** 2))
        axes.set(xlabel=f"{what}, label ({unit})", ylabel=f"predicted ({unit})",
                 title=f"root mean square error {1000 * rms:.3g} m{unit}")  # fmt: skip
    return figure


def against(axes: Axes, x: np.ndarray, y: np.ndarray) -> None:
    """Points, and the line of equal values over the range of both."""
    both = np.concatenate([x, y])
    low, high = np.min(both), np.max(both)
    edge = 0.03 * (high - low) or 0.1
    ends = np.array([low - edge, high + edge])
    axes.plot(ends, ends, color=EXACT, linestyle="--", linewidth=1.1)
    few = len(x) < 200
    axes.scatter(x, y, s=25 if few else 6, color=color(0), alpha=0.8 if few else 0.4, linewidths=0, rasterized=True)
    axes.set(xlim=ends, ylim=ends)
