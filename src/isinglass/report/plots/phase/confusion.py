# SPDX-License-Identifier: Apache-2.0
"""Learning by confusion: accuracy against the guessed transition is a W; its middle peak is the transition.

confusion_accuracy_OF(size_OF?, guess_OF), confusion_accuracy_OF_error, confusion_ceiling_OF: what the exact Bayes
classifier reaches; confusion_peak_OF(size_OF?), confusion_peak_OF_error.
Ref: van Nieuwenburg 2017, doi:10.1038/nphys4037.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import (
    band,
    color,
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

CAPTION = (
    "Accuracy of a network trained with a guessed transition. The ends are trivially accurate; the middle peak, shaded "
    "with its error, is the transition."
)


def caption(arrays: xr.Dataset, of: str) -> str:
    """Of the Bayes ceiling where it is drawn."""
    ceiling = named("confusion_ceiling", of)
    drawn = ceiling in arrays and bool(np.isfinite(arrays[ceiling]).any())
    return CAPTION + " Thin dashed: the exact Bayes ceiling, the largest accuracy possible." * drawn


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The W-shaped accuracy, with its peak as a band and the ceiling as a line."""
    figure, (axes,) = new_figure()
    accuracy, ceiling, peak = (named(f"confusion_{part}", of) for part in ("accuracy", "ceiling", "peak"))
    for i, (text, which) in enumerate(series(arrays[accuracy], named("size", of))):
        x, best = select(arrays, named("guess", of), which), select(arrays, ceiling, which)
        points(
            axes, x, select(arrays, accuracy, which), select(arrays, f"{accuracy}_error", which), i, text or "network"
        )
        if best is not None and np.isfinite(best).any():
            label = "Bayes ceiling" if i == 0 else None
            axes.plot(x, best, color=color(i), linewidth=1.0, linestyle=(0, (4, 1.5)), alpha=0.8, label=label)
        center, width = select(arrays, peak, which), select(arrays, f"{peak}_error", which)
        band(axes, center, width, i, "peak ± error" if i == 0 else None)
    exact_line(axes, x=scalar(arrays, "exact_critical_parameter"), label="exact transition")
    axes.set(xlabel=f"guessed transition, {parameter_of(arrays)[1]}", ylabel="accuracy")
    legend(axes)
    return figure
