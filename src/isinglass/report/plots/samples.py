# SPDX-License-Identifier: Apache-2.0
"""Configurations across the transition, side by side.

snapshots(snapshot, Lx, Ly), snapshot_parameter(snapshot), arrays.snapshots.attrs["kind"] (ising, potts, angle, real);
without them, configurations(sample, Lx, Ly) and temperature(sample) serve. Of three axes the first plane is shown.
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import new_figure, parameter_of, sample_parameter

__all__ = ["CAPTION", "draw"]

CAPTION = "Configurations from low to high values of the control parameter."
COLORS = {"ising": "Greys", "potts": "viridis", "angle": "twilight", "real": "cividis"}
PANELS = 6


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """One panel per configuration, at evenly spaced values of the control parameter."""
    x, t, kind = chosen(arrays)
    symbol = "T" if parameter_of(arrays)[0] == "temperature" else parameter_of(arrays)[0]
    figure, panels = new_figure(len(x), width=1.7 * len(x), height=2.0)
    low, high = (-np.pi, np.pi) if kind == "angle" else (float(x.min()), float(x.max()))
    for axes, image, value in zip(panels, x, t, strict=True):
        axes.imshow(image, cmap=COLORS[kind], vmin=low, vmax=high, interpolation="nearest")
        axes.set(xticks=[], yticks=[], title=f"{symbol} = {value:.3g}")
        axes.spines[:].set_visible(True)
    return figure


def chosen(arrays: xr.Dataset) -> tuple[np.ndarray, np.ndarray, str]:
    """At most six configurations of two axes, their parameters and kind."""
    given = "snapshots" in arrays
    x = arrays["snapshots" if given else "configurations"]
    t = arrays["snapshot_parameter"].to_numpy() if given else sample_parameter(arrays)
    points = np.unique(t)
    wanted = points[np.linspace(0, len(points) - 1, min(PANELS, len(points))).round().astype(int)]
    rows = np.array([int(np.argmin(np.abs(t - value))) for value in wanted])
    images = x.to_numpy()[rows]
    if images.ndim == 2:
        images = images[:, None, :]
    while images.ndim > 3:
        images = images[..., 0]
    kind = str(x.attrs.get("kind", "ising"))
    if kind == "angle":
        images = (images + np.pi) % (2 * np.pi) - np.pi
    return images, t[rows], kind
