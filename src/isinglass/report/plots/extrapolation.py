# SPDX-License-Identifier: Apache-2.0
"""Transition temperature of finite lattices against 1/L: T_c(L) = T_c + a / L.

crossing_OF(size), crossing_OF_error(size); scalars extrapolated_OF (T_c), extrapolated_OF_error, extrapolated_OF_slope
(a). Several methods share one figure: OF may join them with +, `extrapolation/cnn+mlp`.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import (
    color,
    exact_line,
    legend,
    named,
    new_figure,
    parameter_of,
    points,
    scalar,
    select,
)

__all__ = ["CAPTION", "draw"]

CAPTION = "Transition of each lattice against 1/L; lines: the fit, with its value and error at 1/L = 0."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points, fitted lines and intercepts; dashed line: the exact value."""
    figure, (axes,) = new_figure()
    right = 1.08 / float(arrays["size"].min())
    for i, method in enumerate(of.split("+")):
        name, fit = named("crossing", method), named("extrapolated", method)
        points(axes, 1 / arrays["size"], arrays[name], select(arrays, f"{name}_error", {}), i, line=False)
        value, error, slope = (scalar(arrays, fit + end) for end in ("", "_error", "_slope"))
        x = np.linspace(0.0, right, 50)
        axes.plot(x, value + slope * x, color=color(i), linewidth=1.0)
        label = " ".join(part for part in (readable(method), f"{value:.4f} ± {error:.4f}") if part)
        axes.errorbar(0.0, value, error, color=color(i), marker="*", markersize=10, linestyle="none", label=label)
    exact = scalar(arrays, "exact_critical_parameter")
    exact_line(axes, y=exact, label=f"exact {exact:.6f}")
    axes.set(xlabel="$1/L$", ylabel=parameter_of(arrays)[1] + " of the transition", xlim=(-0.03 * right, right))
    legend(axes)
    return figure
