# SPDX-License-Identifier: Apache-2.0
"""Entanglement across a transition: entropy(field, block), susceptibility(middle), and their exact values."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: Rényi entropy of a block by the swap estimator, at the transition and at both ends. Right: fidelity "
    "susceptibility from neighboring fields. Black: free fermions."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Entropies in the left panel, the fidelity susceptibility in the right one."""
    figure, (left, right) = new_figure(2)
    fields, block = arrays["field"].to_numpy(), arrays["block"].to_numpy()
    for i, h in enumerate(sorted({fields.min(), 1.0, fields.max()})):
        at = arrays.sel(field=h)
        left.plot(block, at["exact_entropy"], color=EXACT, linewidth=1.0, label="exact" if i == 0 else None)
        points(left, block, at["entropy"].to_numpy(), at["entropy_error"].to_numpy(), i, f"$h$ = {h:g}", line=False)
    left.set(xlabel="sites in the block", ylabel="$S_2$", ylim=(0, None), xticks=block)
    legend(left)
    middle, known = arrays["middle"].to_numpy(), arrays["exact_susceptibility"].to_numpy()
    right.plot(middle, known, color=EXACT, linewidth=1.0, label="exact")
    value, error = (arrays[name].to_numpy() for name in ("susceptibility", "susceptibility_error"))
    points(right, middle, value, error, 0, "network", line=False)
    exact_line(right, x=1.0, label="transition")
    right.set(xlabel="field $h$", ylabel=r"$\chi_F$", ylim=(0, 1.15 * np.nanmax(value + error)))
    legend(right)
    return figure
