# SPDX-License-Identifier: Apache-2.0
"""Energy, specific heat and |m| of trained machines against the temperature, beside the data and exact curves.

Input: `energy`, `specific_heat`, `magnetization` [temperature], each with _error and _data; exact_* [curve].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Samples of the machines, the configurations that they were trained on, and exact values of this lattice (lines)."
)
LABELS = {"energy": "energy per site", "specific_heat": "specific heat", "magnetization": "$\\langle|m|\\rangle$"}


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A panel for each quantity."""
    figure, panels = new_figure(3, width=10.0, height=3.2)
    T = arrays["temperature"].to_numpy()
    for axes, (name, label) in zip(panels, LABELS.items(), strict=True):
        axes.plot(arrays["curve"], arrays[f"exact_{name}"], color=EXACT, linewidth=1.0, label="exact")
        points(axes, T, arrays[f"{name}_data"].to_numpy(), None, 1, "data", line=False)
        points(axes, T, arrays[name].to_numpy(), arrays[f"{name}_error"].to_numpy(), 0, "machine", line=False)
        axes.set(xlabel="temperature $T$", ylabel=label)
    legend(panels[0])
    return figure
