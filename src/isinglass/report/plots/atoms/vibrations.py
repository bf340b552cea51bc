# SPDX-License-Identifier: Apache-2.0
"""Motion in time and frequency.

mean_square_displacement(lag) in Å², velocity_autocorrelation(lag), vibrational_density(frequency); ps and THz.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Left: mean square displacement. Middle: autocorrelation of velocities. Right: density of vibrations, area 1."
SHARE = 0.995  # of the area that is shown


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Three panels."""
    figure, (left, middle, right) = new_figure(3)
    lag, f, g = (arrays[name].to_numpy() for name in ("lag", "frequency", "vibrational_density"))
    left.plot(lag, arrays["mean_square_displacement"].to_numpy(), color=color(0))
    left.set(xlabel="time (ps)", ylabel="mean square displacement (Å²)", ylim=(0, None))
    middle.plot(lag, arrays["velocity_autocorrelation"].to_numpy(), color=color(1))
    exact_line(middle, y=0.0)
    middle.set(xlabel="time (ps)", ylabel="velocity autocorrelation")
    area = np.cumsum(np.maximum(g, 0))
    last = f[min(int(np.searchsorted(area, SHARE * area[-1])), len(f) - 1)]
    right.plot(f, g, color=color(2))
    right.set(xlabel="frequency (THz)", ylabel="vibrational density (1/THz)", xlim=(0, 1.1 * last), ylim=(0, None))
    return figure
