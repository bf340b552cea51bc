# SPDX-License-Identifier: Apache-2.0
"""Measured points with error bars beside the curves of theory, a color for each series.

Input: `OF` [series, x] with OF_error and attributes; `OF_exact` [series, dense]; the coordinates OF_x, OF_dense,
OF_series.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "caption", "draw"]

CAPTION = "Points: measured, with one standard error."


def caption(arrays: xr.Dataset, of: str) -> str:
    """What is shown, then what points and lines are."""
    lines = " Lines: theory." if np.isfinite(arrays[f"{of}_exact"].to_numpy()).any() else ""
    return f"{arrays[of].attrs['caption']} {CAPTION}{lines}"


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points off the range of the axes are left out: those of a divergence."""
    figure, (axes,) = new_figure()
    x, dense = arrays[f"{of}_x"].to_numpy(), arrays[f"{of}_dense"].to_numpy()
    for i, name in enumerate(arrays[f"{of}_series"].to_numpy()):
        exact = arrays[f"{of}_exact"].to_numpy()[i]
        measured = arrays[of].to_numpy()[i]
        alone = None if np.isfinite(measured).any() else str(name)
        axes.plot(dense, np.where(np.isfinite(exact), exact, np.nan), color=color(i), linewidth=1.0, label=alone)
        if not alone:
            points(axes, x, measured, arrays[f"{of}_error"].to_numpy()[i], i, str(name), line=False)
    look = arrays[of].attrs
    axes.set(xlabel=look["xlabel"], ylabel=look["ylabel"], xscale=look["xscale"], yscale=look["yscale"])
    if "top" in look:
        axes.set_ylim(top=look["top"])
    if "bottom" in look:
        axes.set_ylim(bottom=look["bottom"])
    legend(axes)
    return figure
