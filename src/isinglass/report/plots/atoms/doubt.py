# SPDX-License-Identifier: Apache-2.0
"""How far off the forces of a potential may be along a trajectory.

forces_uncertainty(time) and largest_forces_uncertainty(time) in eV/Å, known_forces_uncertainty of held-out frames;
energy_uncertainty(time) in meV an atom; time in ps.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Standard error of the forces, mean over the atoms and largest (left; dashed: what 99 % of held-out atoms have at "
    "most), and of the energy (right)."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels over time."""
    figure, panels = new_figure(2)
    time = arrays["time"].to_numpy()
    for i, (name, label) in enumerate((("largest_forces_uncertainty", "largest"), ("forces_uncertainty", "mean"))):
        panels[0].plot(time, arrays[name].to_numpy(), color=color(1 - i), linewidth=0.8, label=label)
    if known := float(arrays["known_forces_uncertainty"]):
        panels[0].axhline(known, color=EXACT, linestyle="--", linewidth=1.1)
    panels[0].set(xlabel="time (ps)", ylabel="standard error of forces (eV/Å)", ylim=(0, None))
    legend(panels[0])
    panels[1].plot(time, arrays["energy_uncertainty"].to_numpy(), color=color(2), linewidth=0.8)
    panels[1].set(xlabel="time (ps)", ylabel="standard error of the energy (meV/atom)", ylim=(0, None))
    return figure
