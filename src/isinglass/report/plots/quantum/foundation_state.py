# SPDX-License-Identifier: Apache-2.0
"""One network at many fields: relative_error(field), fidelity_susceptibility(field), their errors, trained(field)."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: relative error of the energy, filled at training fields, open between them. Right: the fidelity "
    "susceptibility of the network as a function of the field; black line: free fermions."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Energies in the left panel, the susceptibility in the right one."""
    figure, (left, right) = new_figure(2)
    h, trained = arrays["field"].to_numpy(), arrays["trained"].to_numpy().astype(bool)
    right.plot(h, arrays["fidelity_susceptibility_exact"].to_numpy(), color=EXACT, linewidth=1, label="exact")
    for axes, name in ((left, "relative_error"), (right, "fidelity_susceptibility")):
        value, error = np.abs(arrays[name].to_numpy()), arrays[f"{name}_error"].to_numpy()
        for which, face, label in ((trained, color(0), "trained at"), (~trained, "white", "between")):
            axes.errorbar(h[which], value[which], yerr=error[which], fmt="o", color=color(0), markerfacecolor=face,
                          label=label)  # fmt: skip
        axes.set(xlabel="field h")
    left.set(yscale="log", ylabel="|relative error of the energy|")
    right.set(ylabel=r"fidelity susceptibility $\chi_F$")
    legend(right)
    return figure
