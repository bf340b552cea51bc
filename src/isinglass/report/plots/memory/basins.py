# SPDX-License-Identifier: Apache-2.0
"""Basins of attraction: share of patterns retrieved, against the overlap of the cue.

Input: `basin_share` [basin_load, start] with _error; attribute `basin_neurons`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Share of patterns retrieved (overlap above 0.85) from cues with random errors, against the cue's overlap."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A curve for each load."""
    figure, (axes,) = new_figure()
    share, error = (arrays[name].to_numpy() for name in ("basin_share", "basin_share_error"))
    for i, a in enumerate(arrays["basin_load"].to_numpy()):
        points(axes, arrays["start"].to_numpy(), share[i], error[i], i, f"load {a:g}")
    axes.set(xlabel="overlap of the cue", ylabel="share retrieved", ylim=(-0.03, 1.03), xlim=(0, 1),
             title=f"$N$ = {arrays.attrs['basin_neurons']}")  # fmt: skip
    legend(axes)
    return figure
