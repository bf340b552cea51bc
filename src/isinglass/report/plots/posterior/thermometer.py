# SPDX-License-Identifier: Apache-2.0
"""Posteriors of hidden parameters against exact ones, for configurations at known parameters: means and widths.

Input: mean_CASE, exact_CASE and width_CASE, by the exact width, [test] for each case; attributes of the first:
`parameter`, its name, and `truth`, its value.
"""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color, exact_line

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Posteriors that were learned against exact ones, for new configurations at one parameter each (thin line): means, "
    "and widths by the exact width. Dashed: equal to the exact one; dotted: 10 % wider, the claim's limit."
)
UNITS = {"temperature": "$T$ ($J/k_B$)", "coupling": r"$\lambda$"}
WIDEST = 1.1


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels for each case: means above, widths below."""
    cases = [str(name).removeprefix("mean_") for name in arrays if str(name).startswith("mean_")]
    figure = Figure(figsize=(max(4.4, 3.0 * len(cases)), 4.8), layout="constrained")
    panels = figure.subplots(2, len(cases), squeeze=False, sharex="col", height_ratios=(3, 2))
    for i, case in enumerate(cases):
        means(panels[0, i], arrays, case, i)
        widths(panels[1, i], arrays, case, i)
        name = str(arrays[f"mean_{case}"].attrs.get("parameter", ""))
        panels[1, i].set(xlabel=f"exact posterior mean of {UNITS.get(name, name)}")
    panels[0, 0].set(ylabel="learned posterior mean")
    panels[1, 0].set(ylabel="learned width / exact")
    return figure


def means(axes: Axes, arrays: xr.Dataset, case: str, i: int) -> None:
    """The mean that was learned against the exact one, and the diagonal."""
    x, y = arrays[f"exact_{case}"].to_numpy(), arrays[f"mean_{case}"].to_numpy()
    ends = [np.min([x.min(), y.min()]), np.max([x.max(), y.max()])]
    axes.plot(ends, ends, color=EXACT, linestyle="--", linewidth=1.1)
    axes.plot(x, y, ".", color=color(i), markersize=3, rasterized=True)
    axes.axvline(arrays[f"mean_{case}"].attrs.get("truth", np.nan), color=EXACT, linewidth=0.7)
    axes.set(title=readable(case))


def widths(axes: Axes, arrays: xr.Dataset, case: str, i: int) -> None:
    """The ratio of widths, and what is claimed of it."""
    x, y = arrays[f"exact_{case}"].to_numpy(), arrays[f"width_{case}"].to_numpy()
    exact_line(axes, y=1.0)
    axes.axhline(WIDEST, color=EXACT, linestyle=":", linewidth=1.0)
    axes.plot(x, y, ".", color=color(i), markersize=3, rasterized=True)
    axes.set(ylim=(min(0.85, float(y.min()) - 0.02), max(1.2, float(y.max()) + 0.02)))
