# SPDX-License-Identifier: Apache-2.0
"""The matched filter: (a, b) = 4 Re ∫_0^∞ ã(f) b̃*(f) / S(f) df, the inner product of the noise.

For Gaussian noise (n, h) is normal with variance (h, h), and ln p(d given h)/p(d given 0) = (d, h) - ½ (h, h).
Ref: Cutler and Flanagan 1994, arXiv:gr-qc/9402014; Allen et al. 2012, arXiv:gr-qc/0509116.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Complex, Float
from scipy.signal.windows import tukey

from isinglass.errors import InputError
from isinglass.systems.gravitational_wave.noise_curve import NoiseCurve

__all__ = ["FilterOutput", "filter_pair", "inner_product", "log_ratio", "optimal_snr", "phase_free_log_ratio"]

TAPER = 0.125  # share of a stretch of data that is faded in and out


class FilterOutput(NamedTuple):
    """The matched filter against time."""

    snr: Float[np.ndarray, " n"]  # √[(d, h_c)² + (d, h_s)²]/√(h, h): 1 in the mean of squares of two, for noise
    phase: Float[np.ndarray, " n"]  # of the template at each time, radian
    shift: Float[np.ndarray, " n"]  # s by which the template is moved


def inner_product(a: Complex[np.ndarray, " k"], b: Complex[np.ndarray, " k"], f: Float[np.ndarray, " k"],
                  curve: NoiseCurve) -> float:  # fmt: skip
    """(a, b) of two Fourier transforms on an even grid of frequencies f."""
    return float(4 * (f[1] - f[0]) * np.sum(np.real(a * np.conj(b)) / curve.power(f)))


def optimal_snr(h: Complex[np.ndarray, " k"], f: Float[np.ndarray, " k"], curve: NoiseCurve) -> float:
    """ρ = √(h, h): mean over deviation of the filter's output for a signal h."""
    return inner_product(h, h, f, curve) ** 0.5


def filter_pair(
    x: Float[np.ndarray, " n"], cosine: Float[np.ndarray, " k"], sine: Float[np.ndarray, " l"], dt: float,
    curve: NoiseCurve, *, taper: float = TAPER,
) -> FilterOutput:  # fmt: skip
    """Data x against a template of unknown phase, time and amplitude, given by its two quadratures.

    Law: noise alone gives snr² exponential with mean 2.  Data and templates are faded in and out alike, by Tukey.
    """
    n = len(x)
    if not (x.shape == cosine.shape == sine.shape and n > 1):
        shapes = ", ".join(str(list(a.shape)) for a in (x, cosine, sine))
        raise InputError("data and two templates of equal length", shapes, "pad the templates with zeros")
    if not (np.isfinite(x).all() and np.isfinite(cosine).all() and np.isfinite(sine).all()):
        raise InputError("finite strain and templates", "NaN or infinity", "cut the stretch to where data are good")
    f, window = np.fft.rfftfreq(n, dt), tukey(n, taper)
    S = curve.power(f)
    d, p, c = (np.fft.rfft(a * window) * dt for a in (x, cosine, sine))
    norm = (inner_product(p, p, f, curve) + inner_product(c, c, f, curve)) / 2
    if not norm > 0:
        raise InputError("a template with power in the band", "none", "check its units and the band")
    in_phase, off_phase = (2 * np.fft.irfft(d * a.conj() / S, n) / dt / norm**0.5 for a in (p, c))
    shift = (np.arange(n) + n // 2) % n - n // 2
    return FilterOutput(np.hypot(in_phase, off_phase), np.arctan2(off_phase, in_phase), shift * dt)


def log_ratio(z: Float[np.ndarray, "*n"], snr: float) -> Float[np.ndarray, "*n"]:
    """ln p(d given h)/p(d given 0) = ρ z - ½ ρ², z = (d, h)/ρ: a known signal."""
    return snr * z - snr**2 / 2


def phase_free_log_ratio(r: Float[np.ndarray, "*n"], snr: float) -> Float[np.ndarray, "*n"]:
    """ln I_0(ρ r) - ½ ρ², r the length of both quadratures: a signal of known amplitude and time, any phase."""
    from scipy.special import ive

    return np.log(ive(0, snr * r)) + snr * r - snr**2 / 2
