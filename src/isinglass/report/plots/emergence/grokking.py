# SPDX-License-Identifier: Apache-2.0
"""Share of right answers by step of the training, on pairs seen and on the others.

Input: `accuracy_seen`, `accuracy_unseen` [network, step]; attribute `chance`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Share of right sums mod p, on pairs of the training and on the others, a line for each network; grey: "
CAPTION += "others of a network whose answers are shuffled; dashed: chance."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Steps on a logarithmic axis."""
    figure, (axes,) = new_figure()
    step = arrays["step"].to_numpy()
    for i, name in enumerate(arrays["network"].to_numpy()):
        seen, unseen = arrays["accuracy_seen"].to_numpy()[i], arrays["accuracy_unseen"].to_numpy()[i]
        if name == "shuffled":
            axes.plot(step, unseen, color=color(6), linewidth=1.0, label="not seen, shuffled answers")
            continue
        axes.plot(step, seen, color=color(0), linewidth=1.0, label="" if i else "seen")
        axes.plot(step, unseen, color=color(1), linewidth=1.0, label="" if i else "not seen")
    exact_line(axes, y=float(arrays.attrs["chance"]), label="chance")
    axes.set(xscale="log", xlabel="steps", ylabel="right answers", ylim=(-0.02, 1.02))
    legend(axes)
    return figure
