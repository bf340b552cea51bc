# SPDX-License-Identifier: Apache-2.0
"""Two-point function of slices C(t): slices(method, size, t), slices_error."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Two-point function of slice means; points: corrected flow, lines: HMC. One color for each lattice."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """C(t) on a logarithmic axis for every lattice size."""
    figure, (axes,) = new_figure()
    C, error = arrays["slices"].to_numpy(), arrays["slices_error"].to_numpy()
    for i, L in enumerate(arrays["size"].to_numpy().tolist()):
        t = np.arange(L // 2 + 1)
        axes.plot(t, C[1, i, : len(t)], color=color(i), linewidth=1.0)
        points(axes, t, C[0, i, : len(t)], error[0, i, : len(t)], i, f"$L$ = {L}", line=False)
    axes.set(xlabel="$t$", ylabel="$C(t)$", yscale="log")
    legend(axes)
    return figure
