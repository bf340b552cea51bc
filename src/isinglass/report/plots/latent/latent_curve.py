# SPDX-License-Identifier: Apache-2.0
"""A density of the plane with one latent: its logarithm, the curve of its means, rows.

Input: `density` [x, y]; `curve` [node, axis]; `row` [some, axis].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Density of the autoencoder with one latent, by quadrature over it; the curve of its means f(z) from z = -2.5 to "
    "2.5, and rows that it was not trained on."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel."""
    figure, (axes,) = new_figure(width=4.8, height=4.2)
    image = axes.pcolormesh(arrays["x"], arrays["y"], arrays["density"].to_numpy().T, cmap="Greys", rasterized=True)
    figure.colorbar(image, ax=axes, shrink=0.85, label="density")
    row, curve = arrays["row"].to_numpy(), arrays["curve"].to_numpy()
    axes.plot(*row.T, ".", color=color(0), markersize=2, label="rows", rasterized=True)
    axes.plot(*curve.T, color=color(1), linewidth=1.5, label="$f(z)$")
    axes.set(xlabel="$x_1$", ylabel="$x_2$", xlim=(-3, 3), ylim=(-3, 3), aspect="equal")
    legend(axes)
    return figure
