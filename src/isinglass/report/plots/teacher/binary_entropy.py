# SPDX-License-Identifier: Apache-2.0
"""Entropy of the binary weights that store random labels, counted and by replica symmetry.

Input: `entropy`, `entropy_load` [size, patterns]; `entropy_exact` [curve]; attribute `binary_capacity`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Mean of ln (number of binary weights that store n = αN random labels)/N, counted where nearly all samples have "
)
CAPTION += "some; black: replica symmetry, N → ∞, 0 at the capacity."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each size."""
    figure, (axes,) = new_figure()
    axes.plot(arrays["curve"], arrays["entropy_exact"], color=EXACT, linewidth=1.1, label="theory")
    for i, N in enumerate(arrays["size"].to_numpy()):
        points(axes, arrays["entropy_load"].to_numpy()[i], arrays["entropy"].to_numpy()[i], None, i, f"$N$ = {N}",
               line=False)  # fmt: skip
    exact_line(axes, x=float(arrays.attrs["binary_capacity"]), label="capacity 0.833")
    axes.set(xlabel="points by weights $α$", ylabel="entropy per weight", xlim=(0, 1), ylim=(-0.05, 0.7))
    legend(axes)
    return figure
