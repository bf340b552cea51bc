# SPDX-License-Identifier: Apache-2.0
"""Squared overlap of message passing by step, beside its state evolution.

Input: `passed`, `passed_exact` [prior, step], `passed_error`; attributes `size`, `weakest`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Squared cosine of message passing and the spike after each step, from the top eigenvector; lines: state "
CAPTION += "evolution, N → ∞."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each prior."""
    figure, (axes,) = new_figure()
    step = arrays["step"].to_numpy()
    for i, name in enumerate(arrays["prior"].to_numpy()):
        axes.plot(step, arrays["passed_exact"][i], color=color(i), linewidth=1.0)
        points(axes, step, arrays["passed"].to_numpy()[i], arrays["passed_error"].to_numpy()[i], i, str(name),
               line=False)  # fmt: skip
    axes.set(xlabel="step", ylabel="squared overlap",
             title=f"$N$ = {arrays.attrs['size']}, $λ$ = {arrays.attrs['weakest']:g}")  # fmt: skip
    legend(axes)
    return figure
