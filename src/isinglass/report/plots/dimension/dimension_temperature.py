# SPDX-License-Identifier: Apache-2.0
"""The intrinsic dimension of configurations against temperature, size by size.

Input: `parameter_values` [point], `dimension` [size, point] with `dimension_error`; attributes `parameter` and
`exact_critical_parameter`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Intrinsic dimension of sets of configurations by nearest neighbors; error bars: spread of sets. Dashed: exact T_c."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One curve a size."""
    figure, (axes,) = new_figure()
    T = arrays["parameter_values"].to_numpy()
    for i, L in enumerate(arrays["size"].to_numpy()):
        d, error = (arrays[name].isel(size=i).to_numpy() for name in ("dimension", "dimension_error"))
        points(axes, T, d, error, i, f"L = {L}", line=True)
    exact_line(axes, x=float(arrays.attrs["exact_critical_parameter"]), label="exact")
    axes.set(xlabel=readable(str(arrays.attrs["parameter"])), ylabel="intrinsic dimension")
    axes.set_ylim(bottom=0)
    legend(axes)
    return figure
