# SPDX-License-Identifier: Apache-2.0
"""Is the uncertainty of a committee of potentials that of its errors?

force_error(force_uncertainty) and its error in eV/Å; z_measured(level) and z_expected(level).
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from isinglass.report.style import EXACT, color, new_figure, points

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Root mean square error of forces against their standard error, tenths of the held-out atoms (left; dashed: as "
    "claimed), and quantiles of |error| by standard error against those of Student's t (right; dashed: equal)."
)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Two panels."""
    figure, panels = new_figure(2)
    sigma, error, doubt = (arrays[k].to_numpy() for k in ("force_uncertainty", "force_error", "force_error_error"))
    ends = np.array([min(sigma.min(), error.min()), max(sigma.max(), error.max())]) * [0.8, 1.25]
    panels[0].plot(ends, ends, color=EXACT, linestyle="--", linewidth=1.1)
    points(panels[0], sigma, error, doubt, line=False)
    panels[0].set(xlabel="standard error of forces (eV/Å)", ylabel="root mean square error (eV/Å)", xscale="log",
                  yscale="log", xlim=ends, ylim=ends)  # fmt: skip
    for axis in (panels[0].xaxis, panels[0].yaxis):
        axis.set_minor_formatter(NullFormatter())
        axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    expected, measured = arrays["z_expected"].to_numpy(), arrays["z_measured"].to_numpy()
    top = 1.05 * max(expected.max(), measured.max())
    panels[1].plot([0, top], [0, top], color=EXACT, linestyle="--", linewidth=1.1)
    panels[1].plot(expected, measured, color=color(1), marker="o", linestyle="none")
    panels[1].set(xlabel="|error| / σ, Student's t", ylabel="|error| / σ, measured", xlim=(0, top), ylim=(0, top))
    return figure
