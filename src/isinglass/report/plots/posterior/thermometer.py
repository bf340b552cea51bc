# SPDX-License-Identifier: Apache-2.0
"""Posterior means of hidden parameters against exact ones, for configurations at known parameters.

Input: mean_CASE and exact_CASE [test] for each case.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Mean of the posterior that was learned against the exact one, for new configurations at one parameter each."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A panel for each case."""
    cases = [str(name).removeprefix("mean_") for name in arrays if str(name).startswith("mean_")]
    figure, panels = new_figure(len(cases), width=3.0 * max(2, len(cases)), height=3.2)
    for i, (axes, case) in enumerate(zip(panels, cases, strict=True)):
        x, y = arrays[f"exact_{case}"].to_numpy(), arrays[f"mean_{case}"].to_numpy()
        ends = [np.min([x.min(), y.min()]), np.max([x.max(), y.max()])]
        axes.plot(ends, ends, color=EXACT, linestyle="--", linewidth=1.1)
        axes.plot(x, y, ".", color=color(i), markersize=3)
        axes.set(xlabel="exact", ylabel="learned" if i == 0 else "", title=readable(case))
    return figure
