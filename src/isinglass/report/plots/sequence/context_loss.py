# SPDX-License-Identifier: Apache-2.0
"""Loss at each symbol of chains that are learned while they are read, with those of Bayes predictors.

Input: `context_loss`, `context_floor`, `single_symbol_loss` [context_symbol]; `known_rate`.
"""

import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, exact_line, legend, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Loss at each symbol of sequences of chains that the predictor has never seen. Black: Bayes predictor of pairs, "
)
CAPTION += "the least possible; grey: of single symbols; dashed: of who knows each chain."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Points between two curves."""
    figure, (axes,) = new_figure()
    t = arrays["context_symbol"].to_numpy()
    axes.plot(t, arrays["context_floor"], color=EXACT, linewidth=1.2, label="Bayes, pairs")
    axes.plot(t, arrays["single_symbol_loss"], color=color(6), linewidth=1.0, label="Bayes, single symbols")
    points(axes, t, arrays["context_loss"].to_numpy(), None, 0, "transformer", line=False)
    exact_line(axes, y=float(arrays["known_rate"]), label="chain known")
    axes.set(xlabel="symbol", ylabel="loss (nat)")
    legend(axes)
    return figure
