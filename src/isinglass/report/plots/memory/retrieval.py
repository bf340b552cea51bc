# SPDX-License-Identifier: Apache-2.0
"""Overlaps of the cue and of the retrieved state with every pattern; of images also what they look like.

Input: `overlap`, `cue_overlap` [pattern]; `cue`, `retrieved`, `nearest_pattern` [sites].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from isinglass.report.style import EXACT, legend, new_figure, points

__all__ = ["caption", "draw"]

OVERLAPS = "Overlaps of the cue and of the retrieved state with each stored pattern."
IMAGES = " Left: the cue, the retrieved state, and the pattern nearest to it."
IMAGE = 2  # axes


def caption(arrays: xr.Dataset, of: str) -> str:
    """With the images where there are some."""
    return OVERLAPS + IMAGES * (arrays["cue"].ndim == IMAGE)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel of overlaps, three of images."""
    images = arrays["cue"].ndim == IMAGE
    figure, panels = new_figure(4 if images else 1, width=9.6 if images else None, height=3.2 if images else 3.6)
    for axes, name in zip(panels[:-1], ("cue", "retrieved", "nearest_pattern"), strict=False):
        axes.imshow(arrays[name].to_numpy(), vmin=-1, vmax=1, cmap="cividis", interpolation="nearest")
        axes.set(xticks=[], yticks=[], title=name.replace("_", " "))
    axes = panels[-1]
    for i, (name, label) in enumerate((("cue_overlap", "cue"), ("overlap", "retrieved"))):
        m = arrays[name].to_numpy()
        points(axes, np.arange(len(m)), m, None, i, label, line=False)
    axes.axhline(0, color=EXACT, linewidth=0.7)
    axes.set(xlabel="pattern", ylabel="overlap $m$", ylim=(-1.08, 1.08))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend(axes)
    return figure
