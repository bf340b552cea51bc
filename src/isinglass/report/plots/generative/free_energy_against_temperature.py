# SPDX-License-Identifier: Apache-2.0
"""Variational free energy and entropy of weighted samples: deviations from the exact values against temperature.

free_energy(temperature), entropy(temperature), each with _error and _exact.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Variational free energy and entropy of weighted samples, per site: deviation from the exact values, with one "
    "standard error. The free energy is a bound and must not be negative beyond its error."
)
LABELS = {"free_energy": r"$(F_q - F)\,/\,N$", "entropy": r"$(S - S_{\mathrm{exact}})\,/\,N$"}


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel for each quantity."""
    figure, panels = new_figure(2)
    T = arrays["temperature"].to_numpy()
    for i, (axes, (name, label)) in enumerate(zip(panels, LABELS.items(), strict=True)):
        deviation = arrays[name].to_numpy() - arrays[f"{name}_exact"].to_numpy()
        axes.axhline(0.0, color=EXACT, linewidth=1.0)
        points(axes, T, deviation, arrays[f"{name}_error"].to_numpy(), i, None)
        axes.set(xlabel="$T$", ylabel=label)
        axes.ticklabel_format(axis="y", scilimits=(-2, 2))
    return figure
