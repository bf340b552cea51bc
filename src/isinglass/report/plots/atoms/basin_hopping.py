# SPDX-License-Identifier: Apache-2.0
"""The deepest energy that walkers from minimum to minimum had seen: deepest_energy [hop, walker]."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from isinglass.report.style import EXACT, color, named, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Energy above the deepest minimum found, against hops from minimum to minimum: a line for each walker."
FLOOR = 1e-3


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A line for each walker, logarithmic above FLOOR."""
    figure, (axes,) = new_figure()
    energy = arrays[named("deepest_energy", of)]
    above = energy.to_numpy() - float(energy.min())
    hop = 1 + np.arange(len(above))
    for walker in above.T:
        axes.step(hop, walker, where="post", color=color(0), linewidth=1.0, alpha=0.6)
    axes.axhline(0.0, color=EXACT, linestyle="--", linewidth=1.1)
    axes.set_yscale("symlog", linthresh=FLOOR)
    axes.set(xlabel="hops", ylabel=f"energy above the deepest ({energy.attrs.get('units', 'eV')})", ylim=(0, None))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
