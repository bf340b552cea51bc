# SPDX-License-Identifier: Apache-2.0
"""Loss of a predictor at each symbol of a sequence, with the entropy of the source.

Input: `source_loss`, `source_floor` [source, symbol].
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = "Loss of the transformer at each symbol of new sequences (points) and the entropy of that symbol, given "
CAPTION += "those before it, of the source (lines)."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A series for each source."""
    figure, (axes,) = new_figure()
    t = arrays["symbol"].to_numpy()
    for i, name in enumerate(arrays["source"].to_numpy()):
        axes.plot(t, arrays["source_floor"][i], color=color(i), linewidth=1.0)
        points(axes, t, arrays["source_loss"].to_numpy()[i], None, i, str(name), line=False)
    axes.set(xlabel="symbol", ylabel="loss (nat)", ylim=(0, None))
    legend(axes)
    return figure
