# SPDX-License-Identifier: Apache-2.0
"""Mean output of a phase classifier against the control parameter.

output_OF(size?, temperature) in [0, 1], the mean probability of the ordered phase; output_OF_error;
crossing_OF(size?), where it is one half, and crossing_OF_error: a band.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import (
    band,
    exact_line,
    legend,
    named,
    new_figure,
    parameter_of,
    points,
    scalar,
    select,
    series,
)

__all__ = ["CAPTION", "caption", "draw"]

CAPTION = "Mean output of the network over test configurations; gray: one half."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of the crossings where they are drawn."""
    drawn = named("crossing", of) in arrays
    return CAPTION + " Shaded: where each size crosses it, with one standard error." * drawn


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One curve per size, steeper for larger lattices."""
    name, crossing = named("output", of), named("crossing", of)
    parameter, label = parameter_of(arrays)
    figure, (axes,) = new_figure()
    axes.axhline(0.5, color="#999999", linewidth=0.8)
    for i, (text, which) in enumerate(series(arrays[name])):
        x = select(arrays, parameter, which)
        points(axes, x, select(arrays, name, which), select(arrays, f"{name}_error", which), i, text)
        center, error = select(arrays, crossing, which), select(arrays, f"{crossing}_error", which)
        band(axes, center, error, i, "crossing ± error" if i == 0 else None)
    exact_line(axes, x=scalar(arrays, "exact_critical_parameter"), label="exact transition")
    axes.set(xlabel=label, ylabel="P(ordered)", ylim=(-0.03, 1.03), title=readable(of))
    legend(axes)
    return figure
