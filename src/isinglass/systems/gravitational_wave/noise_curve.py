# SPDX-License-Identifier: Apache-2.0
"""Noise of a detector: its one-sided power spectral density S(f), <ñ(f) ñ*(f')> = ½ S(f) δ(f - f') for f > 0.

Fourier sign, everywhere: ñ(f) = ∫ n(t) exp(-2πi f t) dt.  White noise of variance σ² sampled at steps dt has
S = 2 σ² dt.  Frequencies in Hz, S in 1/Hz, amplitude √S in 1/√Hz.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.signal import welch

from isinglass.errors import InputError

__all__ = ["NoiseCurve", "aligo_design", "aligo_power", "colored_noise", "measured_noise", "white_noise", "whitened"]

LOWEST, HIGHEST = 20.0, 5000.0  # Hz, where the fit is within 3 % of the published curve
SEGMENT = 4.0  # s, of Welch's estimate


@dataclass(frozen=True, eq=False)
class NoiseCurve:
    """S(f), linear between given frequencies; infinite outside of them, where nothing is measured."""

    frequency: np.ndarray  # [n], Hz
    density: np.ndarray  # [n], S, one-sided, 1/Hz

    def __post_init__(self):
        f, S = np.asarray(self.frequency), np.asarray(self.density)
        if f.ndim != 1 or f.shape != S.shape or len(f) < 2:
            found = f"shapes {list(f.shape)} and {list(S.shape)}"
            raise InputError("two or more frequencies, a density for each", found, "give two columns of equal length")
        if not (np.isfinite(f).all() and (np.diff(f) > 0).all() and f[0] >= 0):
            raise InputError(
                "frequencies that rise from 0 or above", "others", "sort them, and leave out repeated ones"
            )
        if not (np.isfinite(S).all() and (S >= 0).all() and (S > 0).any()):
            raise InputError("a density above 0 at each frequency", "zero, negative or NaN", "leave those out")

    def power(self, f: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
        """S(|f|)."""
        S = np.interp(np.abs(f), self.frequency, self.density, left=np.inf, right=np.inf)
        return np.where(S > 0, S, np.inf)

    def within(self, low: float, high: float) -> "NoiseCurve":
        """The same curve between two frequencies alone: a band."""
        kept = (self.frequency >= low) & (self.frequency <= high)
        if kept.sum() < 2:
            found = f"{low:g} to {high:g} Hz of {self.frequency[0]:g} to {self.frequency[-1]:g} Hz"
            raise InputError("a band with two frequencies of the curve or more", found, "widen the band")
        return NoiseCurve(self.frequency[kept], self.density[kept])


def aligo_power(f: Float[np.ndarray, " k"]) -> Float[np.ndarray, " k"]:
    """S(f) of Advanced LIGO at design sensitivity (zero detuning, high power), x = f/(245.4 Hz).

    S = 10⁻⁴⁸ (0.0152 x⁻⁴ + 0.2935 x^(9/4) + 2.7951 x^(3/2) - 6.5080 x^(3/4) + 17.7622) / Hz.
    Ref: Ajith 2011, arXiv:1107.1267, eq. 4.7; of the curve of LIGO-T0900288, to 3 % in √S from 20 Hz to 5 kHz.
    """
    x = np.asarray(f, float) / 245.4
    return 1e-48 * (0.0152 * x**-4 + 0.2935 * x**2.25 + 2.7951 * x**1.5 - 6.5080 * x**0.75 + 17.7622)


def aligo_design(low: float = LOWEST, high: float = HIGHEST) -> NoiseCurve:
    """`aligo_power` at 4000 frequencies."""
    f = np.geomspace(low, high, 4000)
    return NoiseCurve(f, aligo_power(f))


def white_noise(variance: float, dt: float) -> NoiseCurve:
    """S = 2 σ² dt up to the Nyquist frequency."""
    return NoiseCurve(np.array([0.0, 0.5 / dt]), np.full(2, 2 * variance * dt))


def measured_noise(x: Float[np.ndarray, " n"], dt: float, seconds: float = SEGMENT) -> NoiseCurve:
    """S(f) by Welch: periodograms of half-overlapping segments with Blackman's window, their mean.

    Ref: Welch 1967, doi:10.1109/TAU.1967.1161901; the settings of the LOSC event tutorial.
    """
    n = round(seconds / dt)
    if len(x) < 2 * n:
        raise InputError(f"{2 * seconds:g} s of strain or more", f"{len(x) * dt:g} s", "give a shorter segment")
    f, S = welch(x, 1 / dt, window=np.blackman(n), nperseg=n, noverlap=n // 2, detrend=False)
    return NoiseCurve(f, S)


def colored_noise(
    rng: np.random.Generator, n: int, dt: float, curve: NoiseCurve, rows: tuple[int, ...] = ()
) -> Float[np.ndarray, "*rows n"]:
    """Gaussian noise of density S: white numbers times √(S/(2 dt)) in each frequency; zero where S is infinite."""
    S = curve.power(np.fft.rfftfreq(n, dt))
    root = np.sqrt(np.where(np.isfinite(S), S, 0.0) / (2 * dt))
    return np.fft.irfft(np.fft.rfft(rng.normal(size=(*rows, n))) * root, n)


def whitened(x: Float[np.ndarray, "*rows n"], dt: float, curve: NoiseCurve) -> Float[np.ndarray, "*rows n"]:
    """x̃(f)/√(S/(2 dt)) as a series.  Law: noise of density S gets variance 1, times the share of f where S is known."""
    S = curve.power(np.fft.rfftfreq(x.shape[-1], dt))
    return np.fft.irfft(np.fft.rfft(x) / np.sqrt(S / (2 * dt)), x.shape[-1])
