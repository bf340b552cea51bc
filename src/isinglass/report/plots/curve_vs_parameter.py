# SPDX-License-Identifier: Apache-2.0
"""An observable against the control parameter, one curve per size.

OF(size?, temperature), OF_error, OF_exact: the observable is named in the figure, `curve_vs_parameter/energy`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, exact_line, legend, new_figure, parameter_of, points, scalar, select, series

__all__ = ["CAPTION", "caption", "draw"]

CAPTION = "Measured values with one standard error."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of the exact curve where it is drawn."""
    return CAPTION + " Black line: exact." * (f"{of}_exact" in arrays)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points with error bars, exact curves as black lines."""
    parameter, label = parameter_of(arrays)
    figure, (axes,) = new_figure()
    for i, (text, which) in enumerate(series(arrays[of])):
        x = select(arrays, parameter, which)
        exact = select(arrays, f"{of}_exact", which)
        if exact is not None and (i == 0 or "size" in arrays[f"{of}_exact"].dims):
            axes.plot(x, exact, color=EXACT, linewidth=1.0, label="exact" if i == 0 else None, zorder=3)
        points(axes, x, select(arrays, of, which), select(arrays, f"{of}_error", which), i, text, line=exact is None)
    exact_line(axes, x=scalar(arrays, "exact_critical_parameter"), label="exact transition")
    axes.set(xlabel=label, ylabel=arrays[of].attrs.get("long_name", of.replace("_", " ")))
    legend(axes)
    return figure
