# SPDX-License-Identifier: Apache-2.0
"""Phonon bands and their density.

phonon_band(path, mode) in THz with attributes ticks and labels, where there is a path; phonon_density(frequency).
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import color, exact_line, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Frequencies along lines of symmetry, and the density of them all. Imaginary ones are drawn as negative."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Bands at the left, where there are any; the density at the right."""
    banded = "phonon_band" in arrays
    figure, panels = new_figure(2 if banded else 1)
    f, g = arrays["frequency"].to_numpy(), arrays["phonon_density"].to_numpy()
    panels[-1].plot(f, g, color=color(0), drawstyle="steps-mid")
    panels[-1].set(xlabel="frequency (THz)", ylabel="density (1/THz)", ylim=(0, None))
    if banded:
        band, axes = arrays["phonon_band"], panels[0]
        axes.plot(arrays["path"].to_numpy(), band.to_numpy(), color=color(0), linewidth=1.0)
        ticks, labels = np.atleast_1d(band.attrs["ticks"]), np.atleast_1d(band.attrs["labels"])
        at = {float(x): [str(n) for x_n, n in zip(ticks, labels, strict=True) if x_n == x] for x in ticks}
        axes.set_xticks(list(at), ["|".join(names).replace("G", "Γ") for names in at.values()])
        exact_line(axes, y=0.0)
        axes.set(ylabel="frequency (THz)", xlim=(float(ticks[0]), float(ticks[-1])))
    return figure
