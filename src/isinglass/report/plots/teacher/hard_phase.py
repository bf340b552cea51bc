# SPDX-License-Identifier: Apache-2.0
"""Overlap with a teacher of signs, from nothing and from near the teacher, with all fixed points.

Input: `binary` [start, binary_alpha] with _error; `hard_alpha`, `hard_exact` [field]; attribute `size`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, exact_line, legend, new_figure, points

__all__ = ["BAYES", "CAPTION", "PASSING", "draw"]

BAYES, PASSING = 1.245, 1.493  # α above which the teacher is found: by Bayes, by message passing
CAPTION = (
    "Overlap of message passing with a teacher of signs against rows by unknowns. Black: all fixed points, N → ∞, "
)
CAPTION += (
    "besides overlap 1. Between the dashed lines Bayes finds the teacher and message passing from nothing does not."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two starts and the fixed points."""
    figure, (axes,) = new_figure()
    alpha = arrays["binary_alpha"].to_numpy()
    axes.plot(arrays["hard_alpha"], arrays["hard_exact"], color=EXACT, linewidth=1.0, label="fixed points")
    for i, name in enumerate(arrays["start"].to_numpy()):
        points(axes, alpha, arrays["binary"].to_numpy()[i], arrays["binary_error"].to_numpy()[i], i, str(name),
               line=False)  # fmt: skip
    exact_line(axes, x=BAYES, label="")
    exact_line(axes, x=PASSING, label="")
    axes.set(xlabel="rows by unknowns $α = n/N$", ylabel="overlap", xlim=(0.6, max(1.9, 1.05 * alpha.max())),
             ylim=(0.2, 1.03), title=f"$N$ = {arrays.attrs['size']}")  # fmt: skip
    legend(axes)
    return figure
