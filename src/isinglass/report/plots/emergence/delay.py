# SPDX-License-Identifier: Apache-2.0
"""Share of right answers on pairs that are not seen by step, for several weight decays.

Input: `scan_unseen`, `scan_seen` [decay, scan_step].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Share of right sums mod p on pairs that are not seen, mean over networks, by weight decay; dotted: on pairs "
CAPTION += "of the training."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A color for each weight decay."""
    figure, (axes,) = new_figure()
    step = arrays["scan_step"].to_numpy()
    for i, decay in enumerate(arrays["decay"].to_numpy()):
        axes.plot(step, arrays["scan_unseen"].to_numpy()[i], color=color(i), label=f"{decay:g}")
        axes.plot(step, arrays["scan_seen"].to_numpy()[i], ":", color=color(i), linewidth=1.0)
    axes.set(xscale="log", xlabel="steps", ylabel="right answers", ylim=(-0.02, 1.02), title="weight decay")
    legend(axes)
    return figure
