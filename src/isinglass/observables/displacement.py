# SPDX-License-Identifier: Apache-2.0
"""How far atoms go: mean square displacement and diffusion."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

__all__ = ["DiffusionCoefficient", "diffusion", "in_mean_cell", "mean_square_displacement", "without_drift"]

FITTED = (0.1, 0.5)  # shares of a block in which the slope is taken
CHUNK = 2**22  # numbers at once


class DiffusionCoefficient(NamedTuple):
    """D with its standard error over blocks, in units of x² / t."""

    value: float
    error: float


def mean_square_displacement(x: Float[np.ndarray, "frames n 3"]) -> Float[np.ndarray, " frames"]:
    """<|x(t_0 + t) - x(t_0)|²> over atoms and all t_0, by FFT: S_1(t) - 2 S_2(t).

    Law: 0 at t = 0; v² t² of uniform motion; 6 D t of diffusion.  Ref: Kneller et al. 1995,
    doi:10.1016/0010-4655(95)00048-K.  Cost: frames ln frames.
    """
    T, n = x.shape[:2]
    columns = np.reshape(x - x.mean(axis=0), (T, 3 * n))
    square = np.sum(columns * columns, axis=1)
    ends = np.concatenate([[0.0], np.cumsum(square)])
    pairs = T - np.arange(T)
    S1 = (ends[T] - ends[np.arange(T)] + ends[pairs]) / pairs  # Σ |x(t_0 + t)|² + |x(t_0)|²
    return np.maximum((S1 - 2 * self_products(columns) / pairs) / n, 0.0)


def self_products(a: Float[np.ndarray, "T c"]) -> Float[np.ndarray, " T"]:
    """Σ_c Σ_t0 a(t_0) a(t_0 + t), columns in chunks."""
    T, width = len(a), max(1, CHUNK // len(a))
    size = 2 ** (2 * T - 1).bit_length()
    total = np.zeros(T)
    for start in range(0, a.shape[1], width):
        spectrum = np.fft.rfft(a[:, start : start + width], size, axis=0)
        total += np.fft.irfft(np.sum(np.abs(spectrum) ** 2, axis=1), size)[:T]
    return total


def diffusion(x: Float[np.ndarray, "frames n 3"], interval: float, blocks: int = 5) -> DiffusionCoefficient:
    """D = slope of <Δx²> / 6, between a tenth and a half of each block, mean over blocks.

    The error: that of the mean, and half of what the slope changes between the two halves of the times, since
    vibrations of a crystal are alike in all blocks.

    `interval`: time between frames.  Law: k_B T / (m γ) of a Langevin particle.  NaN where frames are few.
    """
    length = len(x) // blocks
    low, high = (int(share * length) for share in FITTED)
    if high - low < 6:
        return DiffusionCoefficient(float("nan"), float("nan"))
    middle = (low + high) // 2
    slopes = []
    for k in range(blocks):
        msd = mean_square_displacement(x[k * length : (k + 1) * length])
        slopes.append([slope(msd, interval, *ends) / 6 for ends in ((low, high), (low, middle), (middle, high))])
    D, early, late = np.mean(slopes, axis=0)
    scatter = np.std(slopes, axis=0, ddof=1)[0] / blocks**0.5
    return DiffusionCoefficient(float(D), float(np.hypot(scatter, (late - early) / 2)))


def slope(y: Float[np.ndarray, " n"], interval: float, low: int, high: int) -> float:
    """Of the straight line through y[low:high]."""
    return float(np.polyfit(np.arange(low, high) * interval, y[low:high], 1)[0])


def without_drift(
    x: Float[np.ndarray, "frames n 3"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "frames n 3"]:
    """Positions relative to the center of mass."""
    return x - np.einsum("tna,n->ta", x, masses / masses.sum())[:, None]


def in_mean_cell(
    x: Float[np.ndarray, "frames n 3"], cell: Float[np.ndarray, "frames 3 3"]
) -> Float[np.ndarray, "frames n 3"]:
    """The fractions of each frame's cell in the mean cell: the motion of the cell is none of the atoms."""
    return np.einsum("tna,tab->tnb", x, np.linalg.inv(cell)) @ cell.mean(axis=0)
