# SPDX-License-Identifier: Apache-2.0
"""Cost of the search for two planes, and how often descent finds them, against the number of elements.

Input: `linear_programs`, `descent_share`, `split_share` [elements].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: linear programs until no two planes are left to try. Right: families of sets that have a split, and of "
)
CAPTION += "these the share of which descent finds two planes."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Programs on a logarithmic axis; shares."""
    figure, (left, right) = new_figure(columns=2, height=3.4)
    n = arrays["elements"].to_numpy()
    left.semilogy(n, arrays["linear_programs"], "o-", color=color(0))
    left.set(xlabel="elements", ylabel="linear programs")
    for i, (name, label) in enumerate((("split_share", "with a split"), ("descent_share", "found by descent"))):
        right.plot(n, arrays[name], "o-", color=color(i), label=label)
    right.set(xlabel="elements", ylabel="share", ylim=(0, 1.05))
    legend(right)
    return figure
