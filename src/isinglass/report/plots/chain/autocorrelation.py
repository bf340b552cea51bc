# SPDX-License-Identifier: Apache-2.0
"""Autocorrelation time at the transition against size: τ = a L^z.

autocorrelation_time(method?, size), autocorrelation_time_error; exponent(method?), exponent_error, amplitude(method?).
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter

from isinglass.report.label import readable
from isinglass.report.style import color, legend, new_figure, points, select, series

__all__ = ["CAPTION", "draw"]

CAPTION = "Integrated autocorrelation time in sweeps at the transition; lines: the power law fitted, τ = a L^z."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Autocorrelation times on logarithmic axes, with one fitted line per method."""
    name = "autocorrelation_time"
    L = arrays["size"].to_numpy().astype(float)
    figure, (axes,) = new_figure()
    for i, (text, which) in enumerate(series(arrays[name], "method")):
        z, error, a = (select(arrays, n, which) for n in ("exponent", "exponent_error", "amplitude"))
        exponent = "" if z is None else f"z = {float(z):.2f}" + ("" if error is None else f" ± {float(error):.2f}")
        label = ", ".join(part for part in (readable(text), exponent) if part)
        points(axes, L, select(arrays, name, which), select(arrays, f"{name}_error", which), i, label, line=False)
        if z is not None and a is not None:
            x = np.geomspace(L.min(), L.max(), 30)
            axes.plot(x, float(a) * x ** float(z), color=color(i), linewidth=1.0)
    axes.set(xscale="log", yscale="log", xlabel="$L$", ylabel=r"autocorrelation time $\tau$ (sweeps)")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xticks(L, minor=False)
    axes.set_xticks([], minor=True)
    legend(axes)
    return figure
