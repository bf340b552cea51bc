# SPDX-License-Identifier: Apache-2.0
"""Share of series of k answers that are all right, by examples; on the left as such, on the right for each answer.

Input: `exact_match` [series, alpha] with _error; `exact_match_theory` [series, curve].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: share of series of k answers that are all right, against examples by weights; lines: the k-th power of "
)
CAPTION += "theory. Right: their k-th root, the share of single answers, which is one smooth curve."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A color for each k."""
    figure, (left, right) = new_figure(columns=2, height=3.4)
    alpha, curve = arrays["alpha"].to_numpy(), arrays["curve"].to_numpy()
    for i, k in enumerate(arrays["series"].to_numpy()):
        value, theory = arrays["exact_match"].to_numpy()[i], arrays["exact_match_theory"].to_numpy()[i]
        left.plot(curve, theory, color=color(i), linewidth=1.0)
        points(left, alpha, value, arrays["exact_match_error"].to_numpy()[i], i, f"$k$ = {k}", line=False)
        seen = value > 0
        points(right, alpha[seen], value[seen] ** (1 / k), None, i, f"$k$ = {k}", line=False)
        if i == 0:
            right.plot(curve, theory ** (1 / k), color=color(i), linewidth=1.0)
    left.set(xscale="log", xlabel="examples by weights $α$", ylabel="right series", ylim=(-0.02, 1.02))
    right.set(xscale="log", xlabel="examples by weights $α$", ylabel="right answers", ylim=(-0.02, 1.02))
    legend(left)
    return figure
