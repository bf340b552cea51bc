# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion: accuracy against the guessed transition is a W; its middle peak is the transition.

confusion_accuracy(size?, guess), confusion_accuracy_error, confusion_ceiling(size?, guess): what the exact Bayes
classifier reaches; confusion_peak(size?), confusion_peak_error.  Ref: van Nieuwenburg 2017, doi:10.1038/nphys4037.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, new_figure, parameter_of, points, scalar, select, series

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Accuracy of a network taught a guessed transition. The ends are trivially right; the middle peak is the "
    "transition. Thin dashed lines: the exact Bayes ceiling, which no honest classifier exceeds."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The W with its peak as a band and its ceiling as a line."""
    figure, (axes,) = new_figure()
    for i, (text, which) in enumerate(series(arrays["confusion_accuracy"])):
        x, ceiling = select(arrays, "guess", which), select(arrays, "confusion_ceiling", which)
        error = select(arrays, "confusion_accuracy_error", which)
        points(axes, x, select(arrays, "confusion_accuracy", which), error, i, text or "network")
        if ceiling is not None:
            label = "Bayes ceiling" if i == 0 else None
            axes.plot(x, ceiling, color=color(i), linewidth=1.0, linestyle=(0, (4, 1.5)), alpha=0.8, label=label)
        peak, width = select(arrays, "confusion_peak", which), select(arrays, "confusion_peak_error", which)
        if peak is not None and width is not None:
            axes.axvspan(float(peak - width), float(peak + width), color=color(i), alpha=0.15, linewidth=0)
    exact_line(axes, x=scalar(arrays, "exact_critical_parameter"), label="exact transition")
    axes.set(xlabel=f"guessed transition, {parameter_of(arrays)[1]}", ylabel="accuracy")
    axes.legend()
    return figure
