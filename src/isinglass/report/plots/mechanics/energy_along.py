# SPDX-License-Identifier: Apache-2.0
"""The energy along learned motions, less its first value: `energy` [start, t]."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, new_figure

__all__ = ["caption", "draw"]


def caption(arrays: xr.Dataset, of: str) -> str:
    """Which energy it is."""
    which = "true" if arrays.attrs.get("energy_is") == "true" else "learned"
    return f"The {which} energy along learned motions from held-out states, less that at the start."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A line for each motion, time in periods; empty for a network that has no energy of its own."""
    figure, (axes,) = new_figure()
    t = arrays["t"].to_numpy() / float(arrays.attrs["period"])
    if "energy" in arrays:
        for i, E in enumerate(arrays["energy"].to_numpy()[:12]):
            rows = np.isfinite(E)
            axes.plot(t[rows], (E - E[0])[rows], color=color(i), linewidth=0.8)
    axes.set(xlabel="time in units of $2\\pi$ by the mean rate", ylabel="$E(t) - E(0)$")
    return figure
