# SPDX-License-Identifier: Apache-2.0
"""Quality of flows against training time: training_acceptance(size, block), training_ess, training_seconds."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, series

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Acceptance of the samples of the flow as Metropolis proposals, and ESS / n under importance weights, "
    "against the training time with compilation; one line for each lattice."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Acceptance and ESS / n in two panels, with one line per size."""
    figure, panels = new_figure(2)
    seconds = arrays["training_seconds"]
    for axes, name, text in zip(
        panels, ("training_acceptance", "training_ess"), ("acceptance", "ESS / n"), strict=True
    ):
        for i, (label, which) in enumerate(series(arrays[name])):
            axes.plot(seconds.isel(which), arrays[name].isel(which), color=color(i), label=label)
        axes.set(xlabel="training (s)", ylabel=text, xlim=(0, float(seconds.max())), ylim=(0, 1))
        axes.set_yticks(np.linspace(0, 1, 6))
    legend(panels[0])
    return figure
