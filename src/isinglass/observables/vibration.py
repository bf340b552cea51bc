# SPDX-License-Identifier: Apache-2.0
"""How atoms vibrate: autocorrelation of velocities and the density of states."""

import numpy as np
from jaxtyping import Float

from isinglass.observables.displacement import self_products

__all__ = ["velocity_autocorrelation", "vibrational_density"]


def velocity_autocorrelation(
    v: Float[np.ndarray, "frames n 3"], masses: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " frames"]:
    """C(t) = <Σ m v(t_0 + t) · v(t_0)> / <Σ m v²>, over all t_0.

    Law: C(0) = 1; Σ_k cos(ω_k t) / N of a harmonic crystal with equipartition; e^(-γ t) of a free Langevin particle.
    """
    T = len(v)
    columns = np.reshape(v * np.sqrt(masses)[:, None], (T, -1))
    products = self_products(columns) / (T - np.arange(T))
    return products / products[0]


def vibrational_density(
    v: Float[np.ndarray, "frames n 3"], masses: Float[np.ndarray, " n"], interval: float, resolution: float
) -> tuple[Float[np.ndarray, " f"], Float[np.ndarray, " f"]]:
    """g(f) = 4 ∫ C(t) w(t) cos(2π f t) dt over t > 0, w the window of Gauss; f and g, ∫ g df = 1.

    `interval` between frames and 1/`resolution` in one unit; `resolution`: full width at half maximum of a single line.
    Law: lines at the frequencies of the phonons, each of area 1/N.  Frequencies above 1/(2 interval) fold back.
    """
    C = velocity_autocorrelation(v, masses)
    T = max(2, len(C) // 2)  # later lags have few pairs
    t = np.arange(T) * interval
    sigma = resolution / np.sqrt(8 * np.log(2))
    window = np.exp(-((2 * np.pi * sigma * t) ** 2) / 2)
    size = 2 ** (4 * T).bit_length()
    half = C[:T] * window
    half[0] /= 2
    density = 4 * interval * np.real(np.fft.rfft(half, size))
    return np.fft.rfftfreq(size, interval), density
