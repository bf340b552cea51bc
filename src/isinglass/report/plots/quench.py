# SPDX-License-Identifier: Apache-2.0
"""Motion after a quench: magnetization(time), magnetization_error, exact_magnetization, energy, residual."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: transverse magnetization, black the exact one. Right: relative drift of the energy, deviation of the "
    "magnetization, and the share of the motion that the ansatz cannot follow."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The motion on the left, what is wrong with it on the right."""
    figure, (left, right) = new_figure(2)
    t = arrays["time"].to_numpy()
    value, exact, energy = (arrays[name].to_numpy() for name in ("magnetization", "exact_magnetization", "energy"))
    left.plot(t, exact, color=EXACT, linewidth=1.0, label="exact")
    some = slice(None, None, max(1, len(t) // 25))
    points(left, t[some], value[some], arrays["magnetization_error"].to_numpy()[some], 0, "t-VMC", line=False)
    left.set(xlabel="time $t$", ylabel=r"$\langle X\rangle$")
    left.legend()
    curves = {
        "energy": np.abs(energy / energy[0] - 1),
        "magnetization": np.abs(value - exact),
        r"residual $r^2$": arrays["residual"].to_numpy(),
    }
    for i, (label, curve) in enumerate(curves.items()):
        seen = curve > 0
        right.plot(t[seen], curve[seen], color=color(i), label=label)
    right.set(yscale="log", xlabel="time $t$", ylabel="deviation")
    right.legend()
    return figure
