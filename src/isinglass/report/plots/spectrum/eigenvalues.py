# SPDX-License-Identifier: Apache-2.0
"""Eigenvalues of a covariance beside the law of white noise.

Input: `eigenvalue` [component]; `noise_eigenvalue`, `noise_density` [curve]; attributes `edge`, `spikes`.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, exact_line, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Eigenvalues of the covariance that are not 0, as density. Black: white noise (Marchenko and Pastur). Beyond "
CAPTION += "the dashed line noise puts its largest eigenvalue once in a thousand; triangles: spikes."
FAR = 10.0  # times the edge: a logarithmic axis


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A histogram of the bulk, marks for spikes."""
    figure, (axes,) = new_figure()
    value, k, edge = arrays["eigenvalue"].to_numpy(), int(arrays.attrs["spikes"]), float(arrays.attrs["edge"])
    bulk = value[k:][value[k:] > 1e-12 * value[0]]
    x, density = arrays["noise_eigenvalue"].to_numpy(), arrays["noise_density"].to_numpy()
    far = k > 0 and value[0] > FAR * edge
    bins = int(np.clip(len(bulk) ** 0.5 * 1.5, 8, 60))
    axes.hist(bulk, bins=bins, weights=np.full(len(bulk), bins / len(value) / max(float(np.ptp(bulk)), 1e-300)),
              color=color(0), alpha=0.6, label="noise")  # fmt: skip
    axes.plot(x, density, color=EXACT, linewidth=1.1, label="white noise")
    exact_line(axes, x=edge, label="edge")
    if k:
        mark = 0.04 * max(float(density.max()), 1e-300)
        axes.plot(value[:k], np.full(k, mark), "v", color=color(1), label="spikes")
    axes.set(xlabel="eigenvalue", ylabel="density", xscale="log" if far else "linear")
    legend(axes)
    return figure
