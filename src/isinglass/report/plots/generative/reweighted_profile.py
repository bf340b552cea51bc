# SPDX-License-Identifier: Apache-2.0
"""Free-energy profile -ln p along the coordinate that separates the states, as sampled and reweighted.

coordinate(system, bin), density_drawn(system, bin), density_reweighted(system, bin).
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "-ln p along the coordinate that separates the states: sampled from the flow, and reweighted by the energy."
AXES = {"double_well": "$x_1$", "mueller_brown": "$x$", "dimer": "length $r$", "alanine_dipeptide": "torsion $\\phi$"}


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel for each system."""
    names = [str(name) for name in arrays["system"].to_numpy()]
    figure, panels = new_figure(len(names), width=3.6 * len(names))
    for i, (axes, name) in enumerate(zip(panels, names, strict=True)):
        x = arrays["coordinate"].to_numpy()[i]
        for j, (kind, label) in enumerate((("drawn", "as sampled"), ("reweighted", "reweighted"))):
            p = arrays[f"density_{kind}"].to_numpy()[i]
            known = p > 0
            axes.plot(x[known], -np.log(p[known]), color=color(j), label=label)
        axes.set(xlabel=AXES.get(name, name), ylabel=r"$-\ln p$" if i == 0 else "", title=readable(name))
    legend(panels[0])
    return figure
