# SPDX-License-Identifier: Apache-2.0
"""Inferred couplings as a matrix; products of pairs of the model against those of the samples.

Input: `coupling` [spin, other]; `sample_pair`, `model_pair` [pair].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Left: couplings in units of the temperature. Right: means of products of pairs, of samples of the inferred model "
)
CAPTION += "against those of the data; on the line both are equal."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels."""
    figure, (left, right) = new_figure(2, width=8.6, height=3.8)
    J = arrays["coupling"].to_numpy()
    largest = float(np.nanmax(np.abs(J))) or 1.0
    image = left.imshow(J, cmap="RdBu_r", vmin=-largest, vmax=largest, interpolation="nearest")
    figure.colorbar(image, ax=left, shrink=0.85)
    left.set(xlabel="spin $j$", ylabel="spin $i$", title="$J_{ij}$")
    x, y = arrays["sample_pair"].to_numpy(), arrays["model_pair"].to_numpy()
    points(right, x, y, None, 0, "", line=False)
    ends = [float(x.min()), float(x.max())]
    right.plot(ends, ends, color=EXACT, linewidth=0.8)
    right.set(xlabel=r"samples $\langle s_i s_j\rangle$", ylabel=r"model $\langle s_i s_j\rangle$")
    return figure
