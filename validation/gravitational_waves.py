# SPDX-License-Identifier: Apache-2.0
"""Real strain: the matched filter on six files, a network that finds GW150914, its chirp mass.

Files of the LOSC event tutorial: events.json, strain of both detectors in GWOSC's HDF5 layout, 32 s at 4096 Hz, and the
templates.  The tutorial's conventions: S by Welch, 4 s, Blackman, half overlapping; Tukey's window of 1/8 on data and
template; S linear between frequencies.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from validation.case import Case, Measured, files

__all__ = ["cases"]

TUTORIAL = "LOSC event tutorial, its template and settings"
SNR = {("GW150914", "H1"): 18.56, ("GW150914", "L1"): 13.21, ("GW151226", "H1"): 9.61, ("GW151226", "L1"): 7.19,
       ("LVT151012", "H1"): 6.29, ("LVT151012", "L1"): 6.09}  # fmt: skip
TIME = 0.05  # s off the event within which the filter has to peak
BAND, RATE, WINDOW, HOP = (43.0, 300.0), 1024, 256, 64  # Hz; samples
EDGE, GUARD, SLIDE = 1.0, 1.0, 0.05  # s left out at the ends and around the event; step between slides
MOST = 1e-3  # false alarms a second
MASSES = (30.4, 31.4)
RANGES = ((25.0, 40.0), (0.3, 1.0), (200.0, 2500.0), (-0.03, 0.03), (0.0, 2 * np.pi))


class Event(NamedTuple):
    """An entry of events.json with its folder."""

    folder: Path
    said: dict[str, Any]

    def strain(self, detector: str) -> Any:
        """That of H1 or L1."""
        from isinglass.data.sky.strain_file import read_strain

        return read_strain(self.folder / self.said[f"fn_{detector}"]).usable()


def cases(roots: list[Path]) -> list[Case]:
    """The filter on each file of events.json that is there; network and chirp mass of GW150914."""
    found = []
    for path in files(roots, "gravitational_waves/events.json"):
        for name, said in json.loads(path.read_text()).items():
            event = Event(path.parent, said)
            for detector in ("H1", "L1"):
                file = path.parent / said[f"fn_{detector}"]
                if file.is_file() and (name, detector) in SNR:
                    value = SNR[name, detector]
                    found.append(Case("filter", file, value, TUTORIAL, partial(filtered, event, detector),
                                      tolerance=0.01 * value))  # fmt: skip
            if name == "GW150914" and all((path.parent / said[f"fn_{d}"]).is_file() for d in ("H1", "L1")):
                file = path.parent / said["fn_H1"]
                found.append(Case("found", file, MOST / 2, "below 1e-3 false alarms a second is asked for",
                                  partial(found_by_network, event), tolerance=MOST / 2))  # fmt: skip
                for how in ("smc", "npe"):
                    source = "30.4 to 31.4 solar masses in the detector frame, arXiv:1602.03837, arXiv:1811.12907"
                    found.append(Case(f"mass-{how}", file, sum(MASSES) / 2, source, partial(weighed, event, how),
                                      tolerance=(MASSES[1] - MASSES[0]) / 2))  # fmt: skip
    return found


def filtered(event: Event, detector: str, path: Path, preset: str) -> Measured:
    """The largest signal-to-noise ratio, at the time of the event."""
    from isinglass.data.sky.strain_file import read_template
    from isinglass.systems.gravitational_wave.matched_filter import filter_pair
    from isinglass.systems.gravitational_wave.noise_curve import measured_noise

    strain = event.strain(detector)
    cosine, sine = read_template(event.folder / event.said["fn_template"])
    out = filter_pair(strain.x, cosine, sine, strain.step, measured_noise(strain.x, strain.step))
    k = int(out.snr.argmax())
    late = strain.start + len(strain.x) * strain.step / 2 + out.shift[k] - event.said["tevent"]
    verdict = "pass" if abs(late) < TIME else "fail"
    return Measured(float(out.snr[k]), None, verdict, f"{detector}: the template's middle is {late * 1e3:+.1f} ms off")


def whitened_pair(event: Event) -> tuple[np.ndarray, list[Any], float]:
    """Whitened strain of both detectors [2, time] at 1024 Hz in the band, variance 1; the curves; the start."""
    from isinglass.systems.gravitational_wave.noise_curve import measured_noise, whitened

    rows, curves = [], []
    for detector in ("H1", "L1"):
        strain = event.strain(detector)
        curves.append(measured_noise(strain.x, strain.step).within(*BAND))
        white = whitened(strain.x, strain.step, curves[-1])
        kept = np.fft.rfft(white)[: round(strain.seconds * RATE) // 2 + 1]
        rows.append(np.fft.irfft(kept, round(strain.seconds * RATE)) * RATE * strain.step)
    x = np.stack(rows)
    return x / x.std(axis=1, keepdims=True), curves, strain.start


def signals(rng: np.random.Generator, n: int, curves: list[Any]) -> np.ndarray:
    """Whitened chirps in both detectors [n, 2, window]: masses, ratios, delays, phases and sizes of each at random."""
    import jax
    import jax.numpy as jnp

    from isinglass.systems.gravitational_wave.waveform import binary_black_hole

    f = np.arange(0.0, RATE / 2 + 1)
    inside = (f >= BAND[0]) & (f <= BAND[1])
    mass, ratio = rng.uniform(15, 45, n), rng.uniform(0.3, 1, n)
    one = jax.jit(jax.vmap(lambda m, q: binary_black_hole(jnp.asarray(f[inside]), m, q, 1.0)))
    h = np.zeros((n, 2, len(f)), complex)
    h[:, :, inside] = np.asarray(one(jnp.asarray(mass), jnp.asarray(ratio)))[:, None]
    delay, start = rng.uniform(-0.01, 0.01, n), rng.uniform(0.12, 0.22, n)
    late = np.stack([start, start + delay], axis=1)
    angle = rng.uniform(0, 2 * np.pi, (n, 2, 1)) - 2 * np.pi * f * late[:, :, None]
    root = np.stack([np.sqrt(curve.power(f)) for curve in curves])
    x = np.fft.irfft(h * np.exp(1j * angle) / root, RATE)[:, :, :WINDOW]
    snr = rng.uniform(6, 20, (n, 1)) * np.stack([np.ones(n), rng.uniform(0.5, 1.1, n)], axis=1)
    return x * (snr / np.linalg.norm(x, axis=2))[:, :, None]


def found_by_network(event: Event, path: Path, preset: str) -> Measured:
    """95 % upper limit of the rate of false alarms as loud as GW150914, in a second of data.

    Real noise before the event trains, with H1 and L1 from different times, so that no signal is in both; real noise
    after it, L1 moved against H1, is the background: its 14 s are used many times over.
    """
    from isinglass import infer
    from isinglass.inference.detection import Labelled, detector_logits

    x, curves, begin = whitened_pair(event)
    at = event.said["tevent"] - begin
    ends = (EDGE, at - GUARD), (at + GUARD, x.shape[1] / RATE - EDGE)
    before, after = (slice(round(first * RATE), round(last * RATE)) for first, last in ends)
    rng, n = np.random.default_rng(0), {"smoke": 4000, "laptop": 20_000, "paper": 100_000}[preset]
    noise = cut(x[:, before], rng.integers(0, x[:, before].shape[1] - WINDOW, (n, 2)))
    y = np.arange(n) % 2
    noise[y == 1] += signals(rng, int(y.sum()), curves)
    result = infer(0, Labelled(noise, y), network="series", filters=(16, 32), hidden=(32,), steps=2000, progress=False)
    model = result.models["detector"]
    places = np.arange(round((at - 0.3) * RATE), round((at + 0.05) * RATE), HOP)
    loudest = detector_logits(model, cut(x, np.stack([places, places], axis=1))).max()
    calm, louder, seconds = x[:, after], 0, 0.0
    length = calm.shape[1]
    for shift in np.arange(0.5, length / RATE - 0.5, SLIDE):
        slid = np.stack([calm[0], np.roll(calm[1], round(shift * RATE))])
        places = np.arange(0, length - WINDOW, HOP)
        louder += int((detector_logits(model, cut(slid, np.stack([places, places], axis=1))) >= loudest).sum())
        seconds += length / RATE
    limit = (3.0 if louder == 0 else louder + 2 * louder**0.5 + 3) / seconds
    said = f"logit {loudest:.1f}; {louder} windows of {seconds:.0f} s of slides are as loud"
    return Measured(limit, None, "pass" if limit < MOST else "fail", said)


def cut(x: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Windows [n, 2, window] of two series, each from a place of its own."""
    at = places[:, :, None] + np.arange(WINDOW)
    return np.stack([x[0][at[:, 0]], x[1][at[:, 1]]], axis=1)


def weighed(event: Event, how: str, path: Path, preset: str) -> Measured:
    """The chirp mass from H1 alone, without spin, by the exact likelihood or by a flow."""
    import jax

    from isinglass import infer
    from isinglass.systems.gravitational_wave.black_hole_binary import black_hole_binary
    from isinglass.systems.gravitational_wave.noise_curve import measured_noise

    strain, at = event.strain("H1"), event.said["tevent"]
    binary = black_hole_binary(measured_noise(strain.x, strain.step), low=30.0, high=400.0, ranges=RANGES)
    x = binary.observed(strain.between(round(at - 2), round(at - 2) + 4), at)
    settings: dict[str, Any] = {"method": "smc", "samples": 4096} if how == "smc" else {"simulations": 20_000}
    result = infer(jax.random.key(0), binary, observation=x, progress=False, **settings)
    mass = result.estimates["chirp_mass"]
    low, high = np.quantile(result.arrays["chirp_mass"].to_numpy(), [0.05, 0.95])
    said = f"90 %: {low:.1f} to {high:.1f} solar masses, H1 alone, no spin"
    return Measured(mass.value, mass.error, result.verdict, said)
