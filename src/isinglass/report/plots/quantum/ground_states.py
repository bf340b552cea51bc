# SPDX-License-Identifier: Apache-2.0
"""Ground states of several Hamiltonians: energy(case, step), ground_state_energy(case), its error, exact_energy."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: relative error of the energy at each step, smoothed over ten steps. Right: relative error of the energy "
    "measured at the end, with its standard error; open where it is below the exact one."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """The energy during optimization in the left panel, at the end in the right one."""
    figure, (left, right) = new_figure(2)
    labels = [readable(str(case)) for case in arrays["case"].to_numpy()]
    exact = arrays["exact_energy"].to_numpy()
    excess = (arrays["energy"].to_numpy() - exact[:, None]) / np.abs(exact)[:, None]
    window = min(10, excess.shape[1])
    end = (arrays["ground_state_energy"].to_numpy() - exact) / np.abs(exact)
    error = arrays["ground_state_energy_error"].to_numpy() / np.abs(exact)
    for i, label in enumerate(labels):
        smooth = np.convolve(excess[i], np.ones(window) / window, "valid")
        style: dict[str, Any] = {"color": color(i % 7), "linestyle": "-" if i < 7 else "--"}
        left.plot(arrays["step"].to_numpy()[window - 1 :], np.abs(smooth), linewidth=1, label=label, **style)
        face = color(i % 7) if end[i] >= 0 else "white"
        right.errorbar(abs(end[i]), len(labels) - i, xerr=error[i], fmt="o", color=color(i % 7), markerfacecolor=face)
    left.set(yscale="log", xlabel="step", ylabel="relative error of the energy")
    legend(left, fontsize=7, ncols=2)
    right.set_yticks(range(len(labels), 0, -1), labels)
    right.set(xscale="log", xlabel=r"$(\langle H\rangle - E_0) / |E_0|$")
    return figure
