# SPDX-License-Identifier: Apache-2.0
"""Mean output of a phase classifier against the control parameter.

output_OF(size?, temperature) in [0, 1], the mean probability of the ordered phase; output_OF_error;
crossing_OF(size?), where it is one half, and crossing_OF_error: a band.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import (
    color,
    exact_line,
    method_label,
    named,
    new_figure,
    parameter_of,
    points,
    scalar,
    select,
    series,
)

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Mean output of the network over test configurations; thin lines: where it crosses one half, with one standard "
    "error as a band."
)


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
        if center is not None and error is not None:
            axes.axvline(float(center), color=color(i), linewidth=0.7)
            axes.axvspan(float(center - error), float(center + error), color=color(i), alpha=0.15, linewidth=0)
    exact_line(axes, x=scalar(arrays, "exact_critical_parameter"), label="exact transition")
    axes.set(xlabel=label, ylabel="P(ordered)", ylim=(-0.03, 1.03), title=method_label(of))
    if axes.get_legend_handles_labels()[1]:
        axes.legend()
    return figure
