# SPDX-License-Identifier: Apache-2.0
"""Are the probabilities true?  The share of signals against the claimed probability.

Input: `share`, `share_error`, `rows` [bin], the coordinate `bin` their mean probability.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from isinglass.report.style import EXACT, color, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Share of signals among held-out rows against the probability that the detector claimed, with binomial errors "
    "(left; dashed: true probabilities), and how many rows have it (right)."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels."""
    end = f"_{of}" if of else ""
    p, share, rows = (arrays[f"{name}{end}"].to_numpy() for name in ("bin", "share", "rows"))
    error = arrays[f"share{end}_error"].to_numpy()
    figure, panels = new_figure(2)
    panels[0].plot([0, 1], [0, 1], color=EXACT, linestyle="--", linewidth=1.1)
    points(panels[0], p, share, error, line=False)
    panels[0].set(xlabel="claimed probability", ylabel="share of signals", xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    edges = np.linspace(0, 1, 11)
    where = np.minimum((p * 10).astype(int), 9)
    panels[1].bar(edges[where] + 0.05, rows, width=0.09, color=color(0))
    panels[1].set(xlabel="claimed probability", ylabel="rows", yscale="log", xlim=(-0.02, 1.02))
    panels[1].yaxis.set_minor_formatter(NullFormatter())
    panels[1].set_ylim(0.5 * rows.min(), 2 * rows.max())
    return figure
