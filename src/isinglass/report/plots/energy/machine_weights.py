# SPDX-License-Identifier: Apache-2.0
"""Weights of the hidden units, samples and held-out rows, as images where rows are images.

Input: `weights` [hidden, sites]; `configurations` [sample, sites]; `held_out` [row, sites].
"""

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from isinglass.report.style import new_figure

__all__ = ["CAPTION", "draw"]

CAPTION = "Left: weights of hidden units, the largest ones. Middle: samples of the machine. Right: held-out rows."
SHOWN = 16  # of each
IMAGE = 2  # axes of a row


def draw(arrays: xr.Dataset, of: str) -> Figure:
    """Three panels of four by four images, or of a row each."""
    figure, panels = new_figure(3, width=9.0, height=3.2)
    weights = arrays["weights"].to_numpy()
    order = np.argsort(-np.square(weights).reshape(len(weights), -1).sum(axis=1))
    several = weights[order], arrays["configurations"].to_numpy()[::-1], arrays["held_out"].to_numpy()
    largest = float(np.abs(weights).max()) or 1.0
    for axes, images, name in zip(panels, several, ("weights", "samples", "held out"), strict=True):
        signed = name == "weights"
        axes.imshow(mosaic(images[:SHOWN].astype(float)), interpolation="nearest", aspect="auto",
                    cmap="RdBu_r" if signed else "Greys", vmin=-largest if signed else None,
                    vmax=largest if signed else None)  # fmt: skip
        axes.set(xticks=[], yticks=[], title=name)
    return figure


def mosaic(images: np.ndarray) -> np.ndarray:
    """Images side by side, four to a row, with a gap; rows of numbers below each other."""
    if images.ndim != IMAGE + 1:
        return images.reshape(len(images), -1)
    n, height, width = images.shape
    across = min(4, n)
    whole = np.full((-(-n // across) * (height + 1) - 1, across * (width + 1) - 1), np.nan)
    for k, image in enumerate(images):
        i, j = divmod(k, across)
        whole[i * (height + 1) : i * (height + 1) + height, j * (width + 1) : j * (width + 1) + width] = image
    return whole
