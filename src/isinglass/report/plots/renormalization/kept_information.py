# SPDX-License-Identifier: Apache-2.0
"""What a block spin keeps of the information of its block about the rest, for several rules.

Input: `kept_information` [rule, information_temperature] in nat; attribute `exact_critical_parameter`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Mutual information of a block of 2 x 2 spins, or of its block spin, with the far spins of a 4 x 4 torus, exact."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One curve for each rule, over temperature."""
    figure, (axes,) = new_figure()
    T = arrays["information_temperature"].to_numpy()
    for i, rule in enumerate(map(str, arrays["rule"].to_numpy())):
        style = {"linestyle": "--", "zorder": 3} if rule == "best rule" else {}
        axes.plot(T, arrays["kept_information"].isel(rule=i), color=color(i), label=rule, **style)
    exact_line(axes, x=float(arrays.attrs["exact_critical_parameter"]), label="transition")
    axes.set(xlabel="temperature", ylabel="information (nat)", ylim=(0, None))
    legend(axes)
    return figure
