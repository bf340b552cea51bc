# SPDX-License-Identifier: Apache-2.0
"""The leading component of an unsupervised method against the order parameter.

component_OF(sample), order_parameter(sample), sample_parameter(sample); component_OF_correlation, a scalar, if known.
OF: pca, autoencoder, vae.
"""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import color, legend, named, new_figure, parameter_of, sample_parameter, scalar

__all__ = ["CAPTION", "draw"]

CAPTION = "Left: leading component against the order parameter, one point per configuration. Right: its distribution."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Scatter, colored by the parameter, and histograms at the lowest, middle and highest value."""
    name = named("component", of)
    parameter, label = parameter_of(arrays)
    symbol = "$T$" if parameter == "temperature" else parameter
    z, t = arrays[name].to_numpy(), sample_parameter(arrays)
    figure, (left, right) = new_figure(2)
    dots = left.scatter(arrays["order_parameter"], z, c=t, s=6, linewidths=0, rasterized=True)
    figure.colorbar(dots, ax=left, label=label)
    correlation = scalar(arrays, f"{name}_correlation")
    title = f"|correlation| = {abs(correlation):.3f}" if np.isfinite(correlation) else ""
    left.set(xlabel="order parameter", ylabel=f"component, {readable(of)}", title=title)
    values = np.unique(t)
    edges = np.linspace(z.min(), z.max(), 41).tolist()
    for i, value in enumerate(values[[0, len(values) // 2, -1]]):
        style: dict[str, Any] = {"histtype": "step", "color": color(i), "linewidth": 1.5}
        right.hist(z[t == value], edges, density=True, label=f"{symbol} = {value:.3g}", **style)
    right.set(xlabel=f"component, {readable(of)}", ylabel="density")
    legend(right)
    return figure
