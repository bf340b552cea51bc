# SPDX-License-Identifier: Apache-2.0
"""Share of wrong answers of students with binary weights, by size, with the transition of first order.

Input: `binary_wrong` [size, load]; `theory_load`, `theory_wrong` [below]; `table_accuracy` [share] with `table_error`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Share of wrong answers of a binary weight vector that agrees with all examples, by number of weights; black: "
)
CAPTION += "theory, which jumps to 0 at a transition of first order. Right, where given: accuracy of networks on "
CAPTION += "unseen sums mod p against the share of the table that they see."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Sizes; tables beside them."""
    figure, (axes, *beside) = new_figure(columns=1 + bool(arrays.sizes["share"]), height=3.4)
    for i, N in enumerate(arrays["size"].to_numpy()):
        axes.plot(arrays["load"], arrays["binary_wrong"][i], color=color(i), linewidth=1.0, label=f"$N$ = {N}")
    axes.plot(arrays["theory_load"], arrays["theory_wrong"], color=EXACT, linewidth=1.3, label="theory")
    axes.set(xlabel="examples by weights $α$", ylabel="wrong answers", ylim=(-0.01, 0.5))
    legend(axes)
    for other in beside:
        points(other, arrays["share"].to_numpy(), arrays["table_accuracy"].to_numpy(), arrays["table_error"].to_numpy())
        other.set(xlabel="share of the table seen", ylabel="right answers, unseen", ylim=(-0.02, 1.02))
    return figure
