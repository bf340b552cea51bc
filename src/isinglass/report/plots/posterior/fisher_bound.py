# SPDX-License-Identifier: Apache-2.0
"""Posteriors of two parameters of one field by several methods, and the ellipses of Fisher's bound.

Input: field_posterior (method, parameter, draw), bound (parameter, parameter_), its covariance, truth (parameter).
"""

import numpy as np
import xarray as xr
from jaxtyping import Float
from matplotlib.figure import Figure

from isinglass.report.label import readable
from isinglass.report.style import EXACT, color, new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = (
    "Posterior samples of the parameters of one field, by method; the cross is the truth. The ellipses are those of "
    "68 % and 95 % of a normal law with the least covariance, around the mean of the last method."
)
LEVELS = (0.68, 0.95)


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """A panel for each method, with equal axes."""
    samples, C = arrays["field_posterior"].to_numpy(), arrays["bound"].to_numpy()
    names = [readable(str(name)) for name in arrays["parameter"].to_numpy()]
    center, truth = samples[-1].mean(axis=-1), arrays["truth"].to_numpy()
    figure, panels = new_figure(len(samples), width=3.2 * len(samples))
    for i, (axes, method) in enumerate(zip(panels, arrays["method"].to_numpy(), strict=True)):
        axes.plot(*samples[i], ".", color=color(i), markersize=2, alpha=0.4, rasterized=True)
        for level in LEVELS:
            axes.plot(*ellipse(center, C, level), color=EXACT, linewidth=1.0, label="Fisher's bound")
        axes.plot(*truth, "+", color=EXACT, markersize=10, label="truth")
        axes.set(xlabel=names[0], ylabel=names[1] if i == 0 else "", title=readable(str(method)))
        for set_limits, middle, width in zip((axes.set_xlim, axes.set_ylim), center, np.sqrt(np.diag(C)), strict=True):
            set_limits(middle - 4 * width, middle + 4 * width)
    handles, labels = panels[-1].get_legend_handles_labels()
    panels[-1].legend(handles[1:], labels[1:], loc="lower right")
    return figure


def ellipse(center: Float[np.ndarray, "2"], C: Float[np.ndarray, "2 2"], level: float) -> Float[np.ndarray, "2 n"]:
    """(x - center)ᵀ C⁻¹ (x - center) = -2 ln(1 - level)."""
    t = np.linspace(0, 2 * np.pi, 200)
    return center[:, None] + (-2 * np.log1p(-level)) ** 0.5 * np.linalg.cholesky(C) @ np.stack([np.cos(t), np.sin(t)])
