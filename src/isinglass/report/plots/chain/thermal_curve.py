# SPDX-License-Identifier: Apache-2.0
"""Energy, specific heat or Binder's ratio over temperature, beside the exact curves of finite and infinite lattices.

`thermal_curve/OF`: OF(size_of_curve?, point), OF_error; where they are known OF_exact(size_of_curve?, curve) and
OF_infinite(size_of_curve?, curve), each with its source as an attribute.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, exact_line, legend, new_figure, points, scalar, select, series

__all__ = ["CAPTION", "caption", "draw"]

CAPTION = "Mean over the chains at each temperature; bars: one standard error, leaving out one chain after the other."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of the exact curves that are drawn, and where they come from."""
    told = {"exact": "Thin lines: exact for this lattice", "infinite": "Dash-dotted: exact for an infinite lattice"}
    there = [(text, arrays[f"{of}_{end}"].attrs.get("source")) for end, text in told.items() if f"{of}_{end}" in arrays]
    said = [CAPTION, *(f"{text} ({source})." if source else f"{text}." for text, source in there)]
    return " ".join(["U₄ = 1 - ⟨m⁴⟩/(3⟨m²⟩²), m the order parameter."] * (of == "binder_ratio") + said)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points with error bars, lines for what is exact."""
    figure, (axes,) = new_figure()
    infinite, several = f"{of}_infinite", series(arrays[of], "size_of_curve")
    if infinite in arrays:
        y = select(arrays, infinite, several[0][1])
        axes.plot(arrays["curve"], y, color=EXACT, linestyle="-.", linewidth=1.0, label="exact, infinite lattice")
    for i, (text, which) in enumerate(several):
        exact = select(arrays, f"{of}_exact", which)
        if exact is not None:
            name = f"_exact, {text}" if text else "exact, this lattice"  # in the color of its points: not in the legend
            axes.plot(arrays["curve"], exact, color=color(i), linewidth=0.9, alpha=0.8, label=name)
        y, error = select(arrays, of, which), select(arrays, f"{of}_error", which)
        points(axes, arrays["point"].to_numpy(), y, error, i, text or "measured", line=exact is None)
    exact_line(axes, x=scalar(arrays, "exact_critical_parameter"), label="exact transition")
    if of == "specific_heat":
        axes.set_ylim(bottom=0, top=1.25 * float(np.nanmax(arrays[of])) or None)  # the infinite lattice diverges
    axes.set(xlabel="temperature $T$", ylabel=arrays[of].attrs.get("long_name", of.replace("_", " ")))
    legend(axes)
    return figure
