# SPDX-License-Identifier: Apache-2.0
"""Relative excess of a variational free energy over the exact one, during training.

free_energy_excess(system, block), relative; training_seconds(system, block).
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Excess of the variational free energy over the exact one at the current temperature, which falls to its "
    "target during the first part of the training. Gaps: samples below the exact one, by their error."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One line per system, interrupted where noise puts it below the exact value."""
    figure, (axes,) = new_figure(1)
    for i, name in enumerate(arrays["system"].to_numpy()):
        row = arrays.sel(system=name)
        excess = row["free_energy_excess"].to_numpy()
        seconds = row["training_seconds"].to_numpy()
        above = np.where(excess > 0, excess, np.nan)
        axes.semilogy(seconds - seconds[0], above, color=color(i), label=readable(str(name)))
    axes.set(xlabel="training time after compilation (s)", ylabel=r"$(F_q - F)\,/\,|F|$")
    legend(axes)
    return figure
