# SPDX-License-Identifier: Apache-2.0
"""Stretches of a detector's noise, with a chirp in half of them: signal or background, and the best score there is."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.errors import InputError
from isinglass.systems.gravitational_wave.matched_filter import log_ratio, phase_free_log_ratio
from isinglass.systems.gravitational_wave.noise_curve import NoiseCurve, aligo_design, colored_noise, whitened
from isinglass.systems.gravitational_wave.waveform import binary_black_hole

__all__ = ["ChirpInNoise", "Stretches"]

END = 0.7  # share of the stretch after which the black holes merge


class Stretches(NamedTuple):
    """Rows of a table."""

    x: np.ndarray  # [n, time], whitened strain
    signal: np.ndarray  # [n]
    log_ratio: np.ndarray  # [n], ln p(x given signal)/p(x given noise)


@dataclass(frozen=True, eq=False)
class ChirpInNoise:
    """d = n + h in half of the stretches, d = n in the others, n Gaussian of density S, √(h, h) = snr.  Periodic.

    Known phase: z = (d, h)/ρ is the best score, normal with mean ρ.  Unknown phase: the length r of both quadratures.
    """

    snr: float = 4.0
    seconds: float = 0.5
    rate: int = 512  # samples a second
    chirp_mass: float = 30.0  # solar masses
    low: float = 30.0  # Hz
    curve: NoiseCurve = field(default_factory=aligo_design)

    @cached_property
    def band(self) -> NoiseCurve:
        """The noise between `low` and the Nyquist frequency."""
        return self.curve.within(self.low, 0.5 * self.rate)

    @cached_property
    def strain(self) -> np.ndarray:
        """Both quadratures of h [2, time], in units of strain.  Errors: InputError for a stretch that is short."""
        n = round(self.seconds * self.rate)
        f = np.fft.rfftfreq(n, 1 / self.rate)
        inside = np.isfinite(self.band.power(f)) & (f > 0) & (f < 0.5 * self.rate)
        if inside.sum() < 2:
            raise InputError("a stretch with two frequencies in the band or more", f"{inside.sum()}", "make it longer")
        h = np.zeros(len(f), complex)
        h[inside] = jax.jit(lambda f: binary_black_hole(f, self.chirp_mass, 1.0, 1.0, time=END * self.seconds))(
            jnp.asarray(f[inside])
        )
        pair = np.stack([np.fft.irfft(h * phase, n) * self.rate for phase in (1.0, 1j)])
        return pair * self.snr / np.linalg.norm(whitened(pair[0], 1 / self.rate, self.band))

    @cached_property
    def template(self) -> np.ndarray:
        """The same, whitened: each of length ρ, at right angles."""
        return whitened(self.strain, 1 / self.rate, self.band)

    def draw(self, rng: np.random.Generator, n: int, *, known_phase: bool = True) -> Stretches:
        """n stretches, signals and background by turns, each whitened."""
        signal = np.arange(n) % 2 == 1
        angle = np.zeros(n) if known_phase else rng.uniform(0, 2 * np.pi, n)
        d = colored_noise(rng, self.strain.shape[1], 1 / self.rate, self.band, (n,))
        d += signal[:, None] * (np.stack([np.cos(angle), np.sin(angle)], axis=1) @ self.strain)
        x = whitened(d, 1 / self.rate, self.band)
        z = x @ self.template.T / self.snr
        best = log_ratio(z[:, 0], self.snr) if known_phase else phase_free_log_ratio(np.hypot(*z.T), self.snr)
        return Stretches(x, signal, best)
