# SPDX-License-Identifier: Apache-2.0
"""Vibrations of a molecule on a learned surface and on the true one: frequency_learned, frequency_true [vibration]."""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Left: harmonic frequencies of the learned surface against the true ones; dashed: equal. Right: deviations."


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Frequencies, and their relative deviation in percent."""
    figure, (left, right) = new_figure(2)
    true, learned = (arrays[f"frequency_{name}"].to_numpy() for name in ("true", "learned"))
    left.plot(true, learned, "o", color=color(0))
    ends = np.array([0.0, 1.05 * float(true.max())])
    left.plot(ends, ends, "--", color=EXACT, linewidth=1.1)
    left.set(xlabel="true frequency (cm$^{-1}$)", ylabel="learned (cm$^{-1}$)", xlim=ends, ylim=ends)
    right.plot(true, 100 * (learned / true - 1), "o", color=color(0))
    right.axhline(0.0, color=EXACT, linestyle="--", linewidth=1.1)
    right.set(xlabel="true frequency (cm$^{-1}$)", ylabel="deviation (%)", xlim=ends)
    return figure
