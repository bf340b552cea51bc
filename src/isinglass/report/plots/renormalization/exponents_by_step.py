# SPDX-License-Identifier: Apache-2.0
"""Exponents of each blocking against the parameter.

Input: `parameter_values` [point], `thermal_exponent` and `magnetic_exponent` [step, point], each with _error; of the
attributes `parameter`, `critical_parameter`, `exact_thermal_exponent`, `exact_magnetic_exponent` those that are known.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Exponents of the largest eigenvalue of the map of couplings, step by step. They are those of the transition "
CAPTION += "where the flow turns (dashed)."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """y_T on the left, y_h on the right."""
    figure, both = new_figure(columns=2, height=3.6)
    T = arrays["parameter_values"].to_numpy()
    for axes, name, symbol in zip(both, ("thermal", "magnetic"), ("$y_T$", "$y_h$"), strict=True):
        for i, n in enumerate(arrays["step"].to_numpy()):
            y, error = (arrays[f"{name}_exponent{end}"].isel(step=i).to_numpy() for end in ("", "_error"))
            points(axes, T, y, error, i, f"blocking {n}", line=True)
        if f"exact_{name}_exponent" in arrays.attrs:
            exact_line(axes, y=float(arrays.attrs[f"exact_{name}_exponent"]), label="exact")
        if "critical_parameter" in arrays.attrs:
            axes.axvline(float(arrays.attrs["critical_parameter"]), color="#999999", linewidth=0.8, linestyle="--")
        axes.set(xlabel=readable(str(arrays.attrs["parameter"])), ylabel=symbol)
    legend(both[0])
    return figure
