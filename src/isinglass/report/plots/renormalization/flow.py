# SPDX-License-Identifier: Apache-2.0
"""Change of <s s'> by one more blocking of a larger lattice, level by level: it turns at the transition.

Input: `parameter_values` [point], `flow` [level, point] with `flow_error`; attributes `parameter`, `critical_parameter`
(where one was found), `exact_critical_parameter` (where it is known).
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Correlation of neighboring block spins: of the larger lattice, blocked once more, minus that of the smaller one. "
)
CAPTION += "Above 0 blocking orders, below it disorders; they meet at the transition."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One curve a level."""
    figure, (axes,) = new_figure()
    axes.axhline(0.0, color="#999999", linewidth=0.8)
    T = arrays["parameter_values"].to_numpy()
    for i, n in enumerate(arrays["level"].to_numpy()):
        y, error = (arrays[name].isel(level=i).to_numpy() for name in ("flow", "flow_error"))
        points(axes, T, y, error, i, f"{n + 1} against {n} blockings", line=True)
    if "exact_critical_parameter" in arrays.attrs:
        exact_line(axes, x=float(arrays.attrs["exact_critical_parameter"]), label="exact")
    axes.set(xlabel=readable(str(arrays.attrs["parameter"])), ylabel=r"change of $\langle s s' \rangle$")
    legend(axes)
    return figure
