# SPDX-License-Identifier: Apache-2.0
"""Temperature and energies of a trajectory.

temperature(time), potential_energy(time) in eV an atom, conserved_energy(time) in meV an atom; time in ps.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Kinetic temperature, potential energy, and the energy that mechanics conserves, heat of the bath taken off."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Three panels over time."""
    figure, panels = new_figure(3)
    time = arrays["time"].to_numpy()
    names = ("temperature", "potential_energy", "conserved_energy")
    labels = ("temperature (K)", "potential energy (eV/atom)", "conserved energy - start (meV/atom)")
    for i, (axes, name, label) in enumerate(zip(panels, names, labels, strict=True)):
        axes.plot(time, arrays[name].to_numpy(), color=color(i), linewidth=0.8)
        axes.set(xlabel="time (ps)", ylabel=label)
        axes.ticklabel_format(useOffset=False)
    return figure
