# SPDX-License-Identifier: Apache-2.0
"""Noise curves, chirps and the matched filter: published ranges, closed forms, drawn noise."""

import importlib.util
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import hilbert
from scipy.stats import kstest

from isinglass.errors import InputError
from isinglass.systems.gravitational_wave.chirp import (
    SUN,
    chirp_mass,
    innermost_frequency,
    newtonian_chirp,
    newtonian_strain,
)
from isinglass.systems.gravitational_wave.matched_filter import (
    filter_pair,
    inner_product,
    log_ratio,
    optimal_snr,
    phase_free_log_ratio,
)
from isinglass.systems.gravitational_wave.noise_curve import (
    NoiseCurve,
    aligo_design,
    aligo_power,
    colored_noise,
    measured_noise,
    white_noise,
    whitened,
)
from isinglass.systems.gravitational_wave.strain import Strain
from isinglass.systems.gravitational_wave.waveform import binary_black_hole, load_ripplegw

DT = 1 / 4096
needs_ripple = pytest.mark.skipif(importlib.util.find_spec("ripplegw") is None, reason="needs ripplegw")


def test_the_fit_is_the_published_curve():
    """√S of LIGO-T0900288 (zero detuning, high power) at six frequencies, to 3 %."""
    f = np.array([20.0, 30.005, 100.036, 244.862, 1000.0, 3995.7])
    published = [1.918e-23, 9.041e-24, 3.988e-24, 3.718e-24, 5.415e-24, 1.746e-23]
    np.testing.assert_allclose(aligo_power(f) ** 0.5, published, rtol=0.03)


def test_a_neutron_star_binary_is_seen_at_the_published_range():
    """ρ = 8, averaged over sky and orientation (1/2.2648): 190 to 200 Mpc for 1.4 + 1.4 at this sensitivity."""
    f = np.arange(20.0, innermost_frequency(2.8), 0.25)
    assert innermost_frequency(2.8) == pytest.approx(1570, abs=2)
    horizon = optimal_snr(np.array(newtonian_chirp(f, chirp_mass(1.4, 1.4), 1.0)), f, aligo_design()) / 8
    assert 190 < horizon / 2.2648 < 200


def test_the_snr_goes_as_mass_and_distance():
    """ρ ∝ M^(5/6)/D in one band."""
    f = np.arange(20.0, 100.0, 0.25)
    of = lambda mass, distance: optimal_snr(np.array(newtonian_chirp(f, mass, distance)), f, aligo_design())  # noqa: E731
    assert of(20.0, 300.0) / of(10.0, 100.0) == pytest.approx(2 ** (5 / 6) / 3, rel=1e-10)


def test_the_chirp_in_time_has_the_transform_of_stationary_phase():
    """|h̃| to 1 % and its phase to 0.03 rad between 60 and 200 Hz, for 3 solar masses; sign exp(-2πift)."""
    n = 32 * 4096
    t = (np.arange(n) - n + 4096) * DT
    x = newtonian_strain(t, 3.0, 100.0, phase=0.4) * np.clip((t - t[0]) / 4, 0, 1)
    f = np.fft.rfftfreq(n, DT)
    found = np.fft.rfft(x) * DT * np.exp(-2j * np.pi * f * t[0])
    band = (f > 60) & (f < 200)
    ratio = found[band] / np.array(newtonian_chirp(f[band], 3.0, 100.0, phase=0.4))
    assert np.abs(np.abs(ratio).mean() - 1) < 0.01
    assert np.abs(np.angle(ratio)).mean() < 0.03


def test_the_frequency_rises_as_that_of_newton():
    t = np.arange(-2.0, 0.0, DT)
    phase = np.unwrap(np.angle(hilbert(newtonian_strain(t, 10.0, 100.0))))
    for tau in (1.5, 1.0, 0.5):
        i = round((2 - tau) / DT)
        f = (phase[i + 200] - phase[i - 200]) / (400 * DT * 2 * np.pi)
        assert f == pytest.approx((5 / (256 * tau)) ** 0.375 * (10 * SUN) ** -0.625 / np.pi, rel=0.01)


@needs_ripple
def test_light_black_holes_begin_as_newton_says():
    """IMRPhenomD at 20 to 30 Hz for 1.4 + 1.4: amplitude to 2 %, dΨ/df to that of the time left, to 1 %."""
    f = jnp.arange(20.0, 30.0, 0.001)
    M = chirp_mass(1.4, 1.4)
    h = np.array(binary_black_hole(f, M, 1.0, 100.0))
    newton = np.array(newtonian_chirp(np.asarray(f), M, 100.0))
    np.testing.assert_allclose(np.abs(h), np.abs(newton), rtol=0.02)
    left = [np.diff(np.unwrap(np.angle(a))) / 1e-3 / (2 * np.pi) for a in (h, newton)]  # the time before the merger
    assert (left[0] > 0).all()
    np.testing.assert_allclose(left[0] - left[0][-1], left[1] - left[1][-1], rtol=0.03, atol=0.5)


@needs_ripple
def test_laws_of_the_waveform():
    """1/D; exp(iφ); exp(-2πift); merges at t = 0 within 20 ms; a gradient without NaN, at equal masses too."""
    f = jnp.arange(0.0, 1024.0, 0.25)[80:]
    h = binary_black_hole(f, 30.0, 0.8, 400.0)
    np.testing.assert_allclose(binary_black_hole(f, 30.0, 0.8, 800.0), h / 2, rtol=1e-12)
    moved = binary_black_hole(f, 30.0, 0.8, 400.0, time=0.1, phase=1.0)
    np.testing.assert_allclose(moved, np.asarray(h) * np.exp(1j * (1.0 - 2 * np.pi * np.asarray(f) * 0.1)), rtol=1e-9)
    x = np.fft.irfft(np.concatenate([np.zeros(80), np.asarray(moved)]))
    assert np.abs(x).argmax() / 2048 == pytest.approx(0.1, abs=0.02)
    size = lambda theta: jnp.sum(jnp.abs(binary_black_hole(f, *theta)) ** 2) * 1e42  # noqa: E731
    assert np.isfinite(jax.grad(size)(jnp.array([30.0, 0.8, 400.0]))).all()


def test_without_ripplegw_the_line_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ripplegw", None)
    load_ripplegw.cache_clear()
    with pytest.raises(InputError, match=r"pip install 'isinglass\[sky\]'"):
        binary_black_hole(jnp.arange(20.0, 30.0), 30.0, 1.0, 100.0)
    load_ripplegw.cache_clear()


def test_white_noise_has_the_density_of_its_variance():
    """S = 2 σ² dt: drawn with this density, σ = 3; and found by Welch.  0.5 % of 10⁶ numbers."""
    rng = np.random.default_rng(0)
    x = colored_noise(rng, 2**20, DT, white_noise(9.0, DT))
    assert x.var() == pytest.approx(9.0, rel=6e-3)
    S = measured_noise(3 * rng.normal(size=2**19), DT)
    assert S.density[5:-5].mean() == pytest.approx(18 * DT, rel=0.01)


def test_whitened_noise_has_variance_one():
    """Colored by the design curve and whitened by it, and by Welch's estimate of itself: 1 ± 0.01 of the share."""
    x = colored_noise(np.random.default_rng(1), 2**20, DT, aligo_design())
    share = (2048 - 20) / 2048
    y = whitened(x, DT, aligo_design())
    assert y.var() / share == pytest.approx(1.0, abs=0.01)
    assert kstest(y[::7] / share**0.5, "norm").pvalue > 1e-4
    band = measured_noise(x, DT).within(25, 2000)
    assert whitened(x, DT, band).var() / (1975 / 2048) == pytest.approx(1.0, abs=0.01)
    assert kstest(x[::7] / x.std(), "norm").pvalue > 1e-4  # Gaussian as well


def template(n, snr):
    """Two quadratures of a chirp that ends in the middle of n samples, for unit white noise, and their ρ."""
    t = (np.arange(n) - n // 2) * DT
    inside = np.clip((t + 0.4) / 0.1, 0, 1)
    pair = hilbert(newtonian_strain(t, 30.0, 1.0) * inside)
    unit = np.sqrt(np.sum(np.abs(pair) ** 2) / 2)
    return snr * pair.real / unit, snr * pair.imag / unit


def test_the_filter_finds_a_signal_where_it_is():
    """ρ = 20 in white noise of variance 1, moved by 0.25 s and rotated by 1 rad: SNR to 4 errors, time to 1 ms."""
    n = 4 * 4096
    cosine, sine = template(n, 20.0)
    rng = np.random.default_rng(2)
    signal = np.roll(np.cos(1.0) * cosine + np.sin(1.0) * sine, 1024)
    out = filter_pair(signal + rng.normal(size=n), cosine, sine, DT, white_noise(1.0, DT))
    k = int(out.snr.argmax())
    assert out.snr[k] == pytest.approx(20.0, abs=4.0)
    assert out.shift[k] == pytest.approx(0.25, abs=1e-3)
    assert out.phase[k] == pytest.approx(1.0, abs=0.3)
    clean = filter_pair(signal, cosine, sine, DT, white_noise(1.0, DT))
    assert clean.snr.max() == pytest.approx(20.0, rel=5e-3)


def test_of_noise_the_square_is_exponential_with_mean_two():
    n = 4 * 4096
    cosine, sine = template(n, 1.0)
    rng, values = np.random.default_rng(3), []
    for _ in range(40):
        out = filter_pair(rng.normal(size=n), cosine, sine, DT, white_noise(1.0, DT))
        values.append(out.snr[np.abs(out.shift) < 1.0][::500] ** 2)  # where no data are faded out
    assert kstest(np.concatenate(values), "expon", (0, 2)).pvalue > 1e-4


def test_the_output_for_a_known_signal_is_normal_with_mean_snr():
    """(d, h)/ρ over 4000 draws of colored noise: mean ρ and variance 1, to 4.5 errors; its log ratio is Gauss's."""
    n, f = 4096, np.fft.rfftfreq(4096, DT)
    curve = aligo_design()
    h = np.array(newtonian_chirp(np.maximum(f, 1.0), 30.0, 2000.0)) * (f >= 20) * (f < 200)
    rho = optimal_snr(h, f, curve)
    rng = np.random.default_rng(4)
    z = np.array([inner_product(np.fft.rfft(colored_noise(rng, n, DT, curve)) * DT + h, h, f, curve) / rho
                  for _ in range(4000)])  # fmt: skip
    assert z.mean() == pytest.approx(rho, abs=4.5 / 4000**0.5)
    assert z.var() == pytest.approx(1.0, abs=4.5 * (2 / 4000) ** 0.5)
    np.testing.assert_allclose(log_ratio(z, rho), (z**2 - (z - rho) ** 2) / 2, rtol=1e-12, atol=1e-12)


def test_the_phase_free_ratio_is_the_mean_over_the_phase():
    angle = np.linspace(0, 2 * np.pi, 2001)[:-1]
    r = np.array([0.1, 3.0, 40.0])
    exact = np.log(np.mean(np.exp(4 * r[:, None] * (np.cos(angle) - 1)), axis=1)) + 4 * r - 8
    np.testing.assert_allclose(phase_free_log_ratio(r, 4.0), exact, rtol=1e-6)


@pytest.mark.parametrize(
    ("f", "S", "said"),
    [([1.0, 2.0], [1.0], "two columns of equal length"), ([2.0, 1.0], [1.0, 1.0], "that rise"),
     ([1.0, 2.0], [1.0, -1.0], "a density above 0"), ([1.0, np.nan], [1.0, 1.0], "that rise"),
     ([1.0], [1.0], "two or more")],
)  # fmt: skip
def test_curves_that_are_none(f, S, said):
    with pytest.raises(InputError, match=said):
        NoiseCurve(np.array(f), np.array(S))


def test_bad_stretches_and_templates_are_refused():
    x = np.random.default_rng(5).normal(size=4096)
    for given in ((x[:-1], x, x), (np.where(x > 3, np.nan, x), x, x), (x, 0 * x, 0 * x)):
        with pytest.raises(InputError):
            filter_pair(*given, DT, white_noise(1.0, DT))
    with pytest.raises(InputError, match="8 s of strain or more"):
        measured_noise(x, DT)
    with pytest.raises(InputError, match="above 0"):
        newtonian_chirp(np.arange(3.0), 30.0, 100.0)
    with pytest.raises(InputError, match="widen the band"):
        aligo_design().within(6000, 7000)


def test_parts_of_strain():
    s = Strain(np.arange(100.0), 1000.0, 0.5, "H1", np.arange(100) > 10)
    part = s.between(1010.0, 1020.0)
    assert part.start == 1010.0
    np.testing.assert_array_equal(part.x, np.arange(20.0, 40.0))
    assert part.usable() is part
    with pytest.raises(InputError, match="5.5 of 50 s missing or of bad quality"):
        s.usable()
    with pytest.raises(InputError, match="stay within"):
        s.between(900.0, 1001.0)
