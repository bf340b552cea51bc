# SPDX-License-Identifier: Apache-2.0
"""Generalization error of on-line learning against examples by inputs, simulated and by the equations of motion.

Input: `generalization_error`, `generalization_error_exact` [rate, time], with _error; attribute `size`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Generalization error against examples by inputs, by learning rate; lines: equations of motion, N → ∞. On the "
)
CAPTION += "plateau both students are alike; then each becomes one of the teachers."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each rate."""
    figure, (axes,) = new_figure()
    time = arrays["time"].to_numpy()
    for i, eta in enumerate(arrays["rate"].to_numpy()):
        axes.plot(time, arrays["generalization_error_exact"][i], color=color(i), linewidth=1.0)
        points(axes, time, arrays["generalization_error"].to_numpy()[i],
               arrays["generalization_error_error"].to_numpy()[i], i, f"η = {eta:g}", line=False)  # fmt: skip
    axes.set(xlabel="examples by inputs $α$", ylabel="generalization error", yscale="log",
             title=f"$N$ = {arrays.attrs['size']}")  # fmt: skip
    legend(axes)
    return figure
