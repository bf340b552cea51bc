# SPDX-License-Identifier: Apache-2.0
"""Is the posterior calibrated?  Ranks of true parameters, and coverage of regions around random places.

Input: `rank` [pair, parameter] and `coverage` [pair], both uniform in (0, 1) for a right posterior.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from scipy.stats import kstwo

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color, legend, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Distribution of the ranks of true parameters (left) and of the coverage of regions around random places (right), "
    "each minus the uniform one, for pairs that were not trained on. Gray: where a right posterior is in 99 % of cases."
)
LEVEL, MOST = 0.99, 6


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels: by parameter, and of all together."""
    figure, panels = new_figure(2)
    ranks = arrays["rank"].to_numpy()
    names = [readable(str(name)) for name in arrays["parameter"].to_numpy()]
    for i, name in enumerate(names[:MOST]):
        difference(panels[0], ranks[:, i], i, name)
    difference(panels[1], arrays["coverage"].to_numpy(), 0, "")
    panels[0].set(xlabel="rank / samples", ylabel="cumulative share - uniform")
    panels[1].set(xlabel="claimed coverage")
    legend(panels[0])
    return figure


def difference(axes, values: np.ndarray, i: int, name: str) -> None:
    """F_n(u) - u with the band of Kolmogorov."""
    u, n = np.sort(values), len(values)
    half = float(kstwo.ppf(LEVEL, n))
    if i == 0:
        axes.axhspan(-half, half, color="#dddddd", linewidth=0)
        axes.axhline(0, color=EXACT, linestyle="--", linewidth=1.1)
    axes.plot(u, np.arange(1, n + 1) / n - u, color=color(i), label=name or None, linewidth=1.0)
