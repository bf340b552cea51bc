# SPDX-License-Identifier: Apache-2.0
"""Densities of generators of one variable, by quadrature over their latent, beside that of the data.

Input: `exact_mass`, `mass_non_saturating`, `mass_wasserstein` [bin].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Density of trained generators, by quadrature over their latent, and the density of the data (black)."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel."""
    figure, (axes,) = new_figure()
    x = arrays["bin"].to_numpy()
    axes.plot(x, arrays["exact_mass"], color=EXACT, linewidth=1.0, label="data")
    for i, (array, name) in enumerate((("mass_non_saturating", "non-saturating"), ("mass_wasserstein", "Wasserstein"))):
        if array in arrays:
            axes.plot(x, arrays[array], color=color(i), linestyle="--", label=name)
    axes.set(xlabel="$x$", ylabel="density", xlim=(-4, 4))
    legend(axes)
    return figure
