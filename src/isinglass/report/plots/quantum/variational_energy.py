# SPDX-License-Identifier: Apache-2.0
"""The energy of a neural quantum state during optimization: energy(step), variance(step); exact_energy if known."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, new_figure

__all__ = ["CAPTION", "caption", "draw"]

CAPTION = "Right: variance of the local energy, zero for an eigenstate."


def caption(arrays: xr.Dataset, of: str) -> str:
    """Relative to the exact energy where that is known."""
    known = "exact_energy" in arrays
    left = "relative error of the energy" if known else "energy of the state"
    return f"Left: {left} at each step of its optimization. {CAPTION}"


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Energy in the left panel, variance in the right one."""
    figure, (left, right) = new_figure(2)
    step, E = arrays["step"].to_numpy(), arrays["energy"].to_numpy()
    if "exact_energy" in arrays:
        exact = float(arrays["exact_energy"])
        left.plot(step, np.abs(E - exact) / abs(exact), color=color(0), linewidth=1)
        left.set(yscale="log", ylabel=r"$|\langle H\rangle - E_0| / |E_0|$")
    else:
        left.plot(step, E, color=color(0), linewidth=1)
        left.set(ylabel=r"$\langle H\rangle$")
    right.plot(step, arrays["variance"], color=color(1), linewidth=1)
    right.set(yscale="log", ylabel=r"$\langle H^2\rangle - \langle H\rangle^2$", xlabel="step")
    left.set(xlabel="step")
    return figure
