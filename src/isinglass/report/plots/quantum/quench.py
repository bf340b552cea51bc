# SPDX-License-Identifier: Apache-2.0
"""Quench dynamics, (case, time): magnetization, magnetization_error, exact_magnetization, energy, residual."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: transverse magnetization, exact in black. Middle: deviation of the magnetization (solid) and relative "
    "drift of the energy (dotted). Right: the residual, the fraction of the evolution outside the ansatz."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Magnetization in the left panel, deviations in the middle, residuals in the right one."""
    figure, (left, middle, right) = new_figure(3)
    t = arrays["time"].to_numpy()
    some = slice(None, None, max(1, len(t) // 25))
    for i, label in enumerate(arrays["case"].to_numpy()):
        one = {str(name): row.to_numpy() for name, row in arrays.sel(case=label).items()}
        left.plot(t, one["exact_magnetization"], color=EXACT, linewidth=1.0, label=None if i else "exact")
        points(
            left,
            t[some],
            one["magnetization"][some],
            one["magnetization_error"][some],
            i,
            readable(str(label)),
            line=False,
        )
        deviation = np.abs(one["magnetization"] - one["exact_magnetization"])
        drift = np.abs(one["energy"] / one["energy"][0] - 1)
        for axes, curve, style in ((middle, deviation, "-"), (middle, drift, ":"), (right, one["residual"], "-")):
            known = curve > 0
            axes.plot(t[known], curve[known], style, color=color(i))
    left.set(xlabel="time $t$", ylabel=r"$\langle X\rangle$")
    legend(left)
    middle.set(yscale="log", xlabel="time $t$", ylabel="deviation, drift")
    right.set(yscale="log", xlabel="time $t$", ylabel="residual $r^2$")
    return figure
