# SPDX-License-Identifier: Apache-2.0
"""Share of wrong signs of each student against rows by unknowns, with theory.

Input: `wrong` [student, alpha] with _error, `wrong_exact` [student, curve].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "NAMES", "draw"]

CAPTION = (
    "Share of wrong signs on new rows against rows by unknowns, by student of a perceptron; lines: theory, N → ∞. "
)
CAPTION += "Message passing is Bayes here."
NAMES = {"passing": "message passing", "hebb": "Hebb"}


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each student."""
    figure, (axes,) = new_figure(height=4.0)
    for i, name in enumerate(arrays["student"].to_numpy()):
        axes.plot(arrays["curve"], arrays["wrong_exact"][i], color=color(i), linewidth=1.0)
        points(axes, arrays["alpha"].to_numpy(), arrays["wrong"].to_numpy()[i], arrays["wrong_error"].to_numpy()[i], i,
               NAMES.get(str(name), str(name)), line=False)  # fmt: skip
    axes.set(xlabel="rows by unknowns $α = n/N$", ylabel="share of wrong signs", xscale="log")
    axes.set_xticks(arrays["alpha"].to_numpy(), [f"{a:g}" for a in arrays["alpha"].to_numpy()])
    axes.set_xticks([], minor=True)
    legend(axes)
    return figure
