# SPDX-License-Identifier: Apache-2.0
"""A binary whose likelihood is exact: what the basis leaves out, Fisher's bound, strain that goes in and comes back."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import kstest

from isinglass.errors import InputError
from isinglass.exact.learning.signal_detection import known_signal_auc
from isinglass.stats.roc import area_under_roc, error_of
from isinglass.systems.gravitational_wave.black_hole_binary import black_hole_binary, parts
from isinglass.systems.gravitational_wave.chirp_in_noise import ChirpInNoise
from isinglass.systems.gravitational_wave.noise_curve import NoiseCurve, aligo_design, colored_noise
from isinglass.systems.gravitational_wave.strain import Strain

pytest.importorskip("ripplegw")
RANGES = ((28.0, 32.0), (0.6, 1.0), (1000.0, 2000.0), (-0.01, 0.01), (0.0, 6.283185307179586))
RATE, SECONDS, GPS = 512, 2.0, 1126259460.0


@pytest.fixture(scope="module")
def binary():
    return black_hole_binary(aligo_design(), low=25.0, high=200.0, seconds=SECONDS, ranges=RANGES)


def drawn(binary, n):
    """Parameters of the prior."""
    return jax.vmap(binary.prior().sample)(jax.random.split(jax.random.key(7), n))


def test_the_basis_and_the_nodes_hold_every_template(binary):
    """New draws of the prior: 0.1 deviations of the noise outside, 0.1 by interpolation."""
    theta = drawn(binary, 200)
    full = np.asarray(jax.jit(jax.vmap(binary.template))(theta))
    B = np.asarray(binary.basis)
    np.testing.assert_allclose(B @ B.T, np.eye(len(B)), atol=1e-10)
    assert np.linalg.norm(full - full @ B.T @ B, axis=1).max() < 0.1
    assert np.linalg.norm(full @ B.T - np.asarray(jax.jit(jax.vmap(binary.mean))(theta)), axis=1).max() < 0.1


def test_the_likelihood_is_that_of_the_full_data(binary):
    """Differences of -½ |d - h|² over all frequencies, d with noise outside of the basis: to 1 %, of 1 to 100."""
    theta = drawn(binary, 30)
    full = np.asarray(jax.jit(jax.vmap(binary.template))(theta))
    d = full[0] + np.random.default_rng(0).normal(size=full.shape[1])
    exact = -0.5 * np.sum((d - full) ** 2, axis=1)
    x = jnp.asarray(np.asarray(binary.basis) @ d)
    found = np.asarray(jax.jit(jax.vmap(lambda t: binary.log_likelihood(t, x)))(theta))
    np.testing.assert_allclose(found - found[0], exact - exact[0], rtol=0.01, atol=0.5)


def test_strain_becomes_the_same_data(binary):
    """A signal in colored noise as strain: B d is normal about B h with variance 1; its time is that of the event."""
    theta = jnp.array([30.0, 0.8, 1500.0, 0.004, 1.0])
    n = round(RATE * SECONDS)
    f = np.fft.rfftfreq(n, 1 / RATE)
    at = np.round(np.asarray(binary.frequency) * SECONDS).astype(int)
    two = np.asarray(binary.template(theta)).reshape(2, -1) / np.asarray(binary.weight)
    h = np.zeros(len(f), complex)
    h[at] = (two[0] + 1j * two[1]) * np.exp(-2j * np.pi * f[at] * 1.25)
    strain = Strain(np.fft.irfft(h, n) * RATE, GPS, 1 / RATE, "H1")
    x = binary.observed(strain, GPS + 1.25)
    np.testing.assert_allclose(x, binary.mean(theta), atol=0.6)  # Tukey's window cuts the first cycles
    rng, rows = np.random.default_rng(1), []
    for _ in range(60):
        noise = colored_noise(rng, n, 1 / RATE, aligo_design(20.0, 256.0))
        rows.append(binary.observed(Strain(noise, GPS, 1 / RATE), GPS + 1.25))
    assert np.var(rows) == pytest.approx(1.0, abs=0.13)  # templates lie where the window is 1
    assert kstest(np.ravel(rows)[::3] / np.std(rows), "norm").pvalue > 1e-4


def test_the_scatter_of_the_best_fit_is_fishers(binary):
    """The gradient of ln p at the truth has the covariance J^T J, over 2000 draws, to 12 %."""
    theta = jnp.array([30.0, 0.8, 1500.0, 0.0, 3.0])
    scale = jnp.array([0.1, 0.05, 50.0, 1e-4, 0.1])
    J = np.asarray(jax.jacfwd(lambda t: binary.mean(t * scale))(theta / scale))
    score = jax.jit(jax.vmap(lambda k: jax.grad(
        lambda t: binary.log_likelihood(t * scale, binary.simulate(k, theta)))(theta / scale)))  # fmt: skip
    g = np.asarray(score(jax.random.split(jax.random.key(1), 2000)))
    np.testing.assert_allclose(g.var(axis=0), np.diag(J.T @ J), rtol=0.15)


def test_refused(binary):
    with pytest.raises(InputError, match="2 s of strain"):
        binary.observed(Strain(np.zeros(512), GPS, 1 / RATE), GPS)
    with pytest.raises(InputError, match="a band in which the noise is known"):
        black_hole_binary(NoiseCurve(np.array([1.0, 2.0]), np.ones(2)))


def test_stretches_have_the_signal_to_noise_ratio_that_was_asked_for():
    """Quadratures of length ρ at right angles; white noise; the area under the ROC of z is Φ(ρ/√2), to 4.5 errors."""
    chirp = ChirpInNoise(snr=2.0, rate=256)
    np.testing.assert_allclose(chirp.template @ chirp.template.T, 4 * np.eye(2), atol=1e-9)
    s = chirp.draw(np.random.default_rng(2), 8000)
    area = area_under_roc(s.log_ratio, s.signal)
    assert abs(area.value - known_signal_auc(2.0)) < 4.5 * error_of(area)
    z = s.x[~s.signal] @ chirp.template[0] / 2
    assert z.var() == pytest.approx(1.0, abs=0.1)
    with pytest.raises(InputError, match="make it longer"):
        ChirpInNoise(seconds=0.004).strain  # noqa: B018


def test_ripplegw_may_be_imported_while_jax_traces():
    """It computes tables when it is imported, which fails inside of jit unless they are computed at once."""
    lines = (
        "import jax, jax.numpy as jnp",
        "from isinglass.systems.gravitational_wave.waveform import binary_black_hole as h",
        "print(jax.jit(lambda f: abs(h(f, 30.0, 1.0, 100.0)))(jnp.arange(20.0, 22.0)))",
    )
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]


def test_the_fit_is_the_waveform(binary):
    """Between its nodes: 0.01 deviations of the noise; D, t and φ as in the waveform."""
    theta = drawn(binary, 100)
    f = binary.at_nodes.frequency
    exact = np.asarray(jax.jit(jax.vmap(lambda t: parts(t, f)))(theta))
    found = np.asarray(jax.jit(jax.vmap(binary.at_nodes))(theta))
    assert np.linalg.norm((found - exact) @ np.asarray(binary.weights).T, axis=1).max() < 0.01
