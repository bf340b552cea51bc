# SPDX-License-Identifier: Apache-2.0
"""Temperature against the number of reconstructions, a panel for what machines were trained on; and of block spins.

Input: `flow_temperature` [trained_on, start, step] with _error, `rows_temperature` [trained_on]; `block_flow`
[block_start, level] with _error; attribute `exact_critical_parameter`.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Temperature by the mean energy, exact of each lattice, one line from each start. Dashed: T_c. Dotted: the "
    "temperature of the mean energy of the rows that were trained on. Left: machines, after v → h → v again and again. "
    "Right: block spins of 2 x 2."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Temperatures are drawn up to a little above the highest start."""
    names = [str(name) for name in arrays["trained_on"].to_numpy()]
    figure, panels = new_figure(len(names) + 1, width=2.6 * (len(names) + 1), height=3.4)
    step, T_c = arrays["step"].to_numpy(), float(arrays.attrs["exact_critical_parameter"])
    top = 1.15 * float(arrays["start"].max())
    for axes, i, name in zip(panels, range(len(names)), names, strict=False):
        for k in range(arrays.sizes["start"]):
            y, error = (arrays[n].to_numpy()[i, k] for n in ("flow_temperature", "flow_temperature_error"))
            axes.errorbar(step, np.minimum(y, 1e3), error, color=color(k), linewidth=1.0, marker=".")
        axes.axhline(float(arrays["rows_temperature"][i]), color=EXACT, linestyle=":", linewidth=1.2)
        axes.set(title=name.replace("T_c", "$T_c$"), xlabel="reconstructions", ylim=(0, top))
        axes.set_xscale("symlog", linthresh=1)
        axes.set(xlim=(-0.2, 1.3 * step[-1]), xticks=[0, *(n for n in (1, 10, 100, 1000, 10_000) if n <= step[-1])])
    right = panels[-1]
    for k in range(arrays.sizes["block_start"]):
        y, error = (arrays[n].to_numpy()[k] for n in ("block_flow", "block_flow_error"))
        right.errorbar(np.arange(len(y)), np.minimum(y, 1e3), error, color=color(k), linewidth=1.0, marker=".")
    right.set(title="block spins", xlabel="blockings", xticks=np.arange(arrays.sizes["level"]), ylim=(0, top))
    for axes in panels:
        axes.axhline(T_c, color=EXACT, linestyle="--", linewidth=1.0)
    panels[0].set_ylabel("temperature $T$")
    return figure
