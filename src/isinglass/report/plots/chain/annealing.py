# SPDX-License-Identifier: Apache-2.0
"""Energy per site during simulated annealing.

annealing_energy(schedule?, step), annealing_energy_low, annealing_energy_high (a band over runs);
annealing_temperature(schedule?, step); ground_state_energy, a scalar, if known.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, legend, new_figure, scalar, select, series

__all__ = ["CAPTION", "draw"]

CAPTION = "Left: energy per site, median over runs; band: the middle 68 % of them. Right: the temperature schedules."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Energy in the left panel, temperature schedules in the right one."""
    name = "annealing_energy"
    figure, (left, right) = new_figure(2)
    step = arrays["step"].to_numpy()
    for i, (text, which) in enumerate(series(arrays[name], "schedule")):
        left.plot(step, select(arrays, name, which), color=color(i), label=text or None)
        low, high = select(arrays, f"{name}_low", which), select(arrays, f"{name}_high", which)
        if low is not None and high is not None:
            left.fill_between(step, low, high, color=color(i), alpha=0.2, linewidth=0)
        right.plot(step, select(arrays, "annealing_temperature", which), color=color(i), label=text or None)
    exact_line(left, y=scalar(arrays, "ground_state_energy"), label="ground state")
    left.set(xlabel="sweep", ylabel="energy per site")
    right.set(xlabel="sweep", ylabel="temperature $T$")
    legend(left)
    return figure
