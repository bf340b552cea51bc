# SPDX-License-Identifier: Apache-2.0
"""Share of patterns whose descent stays near them, against the load, by size.

Input: `retrieved_share` [size, load] with _error; attribute `exact_capacity`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Share of patterns from which the descent ends near the pattern (overlap above 0.85), against the load. The "
CAPTION += "share becomes a step as N grows; the curves of all sizes cross where the capacity is."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A curve for each size."""
    figure, (axes,) = new_figure()
    load, share = arrays["load"].to_numpy(), arrays["retrieved_share"].to_numpy()
    for i, N in enumerate(arrays["size"].to_numpy()):
        points(axes, load, share[i], arrays["retrieved_share_error"].to_numpy()[i], i, f"$N$ = {N}")
    top = float(arrays.attrs["exact_capacity"])
    exact_line(axes, x=top, label=f"capacity {top:.4f}")
    shown = load >= 0.1  # noqa: PLR2004
    axes.set(xlabel="load $α = P/N$", ylabel="share retrieved", xlim=(load[shown].min() - 0.002, load.max() + 0.002),
             ylim=(0.95 * share[:, shown].min(), 1.01))  # fmt: skip
    legend(axes)
    return figure
