# SPDX-License-Identifier: Apache-2.0
"""Denoisers: exact scores of mixtures, one prediction made into another, the Gaussian case without any network."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal
from tests.nets.diffusion.diffused import NoNetwork, mixture

from isinglass.exact.field import gaussian_field
from isinglass.exact.surface import gaussian_mixture
from isinglass.nets.diffusion.denoiser import Denoiser, data_from, from_data
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import (
    CenteredGaussian,
    IsotropicGaussian,
    SpectralGaussian,
    spectral_gaussian,
)
from isinglass.nets.diffusion.noise_schedule import Discrete, Scales, VarianceExploding, VariancePreserving

SCHEDULES = [VariancePreserving(), VarianceExploding(), Discrete()]
X = jnp.array([0.7, -0.3])


@pytest.mark.parametrize("schedule", SCHEDULES, ids=["vp", "ve", "ddpm"])
@pytest.mark.parametrize("t", [0.1, 0.4, 0.7])
def test_score_of_a_mixture_is_exact(schedule, t):
    exact = mixture(schedule)
    table = exact.table(schedule.log_snr(jnp.asarray(t)))
    expected = gaussian_mixture.score(np.asarray(X)[None], *table)[0]
    np.testing.assert_allclose(exact.score(X, jnp.asarray(t)), expected, rtol=1e-8)
    late = mixture(schedule).score(X, jnp.asarray(t + 0.1))  # planted: a schedule that is late by 0.1
    assert np.abs(late - expected).max() > 1e-4 * np.abs(expected).max()


@pytest.mark.parametrize("schedule", SCHEDULES[:2], ids=["vp", "ve"])
@pytest.mark.parametrize("kind", ["data", "noise", "velocity", "score"])
def test_predictions_convert_into_one_another(key, schedule, kind):
    at = schedule.at(jnp.asarray(0.3))
    x_0, noise = jax.random.normal(key, (2, 5))
    x = at.alpha * x_0 + at.sigma * noise
    truth = {
        "data": x_0,
        "noise": noise,
        "velocity": at.alpha * noise - at.sigma * x_0,
        "score": -noise / at.sigma,
    }[kind]
    np.testing.assert_allclose(from_data(kind, x_0, x, at), truth, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(data_from(kind, truth, x, at), x_0, rtol=1e-8, atol=1e-8)
    wrong = Scales(at.alpha, 1.05 * at.sigma)  # planted: 5 % in the noise
    assert kind == "data" or np.abs(data_from(kind, truth, x, wrong) - x_0).max() > 1e-3


def test_a_prediction_of_no_kind_is_refused():
    at = SCHEDULES[0].at(jnp.asarray(0.3))
    for convert in (from_data, data_from):
        with pytest.raises(ValueError, match="expected a prediction among"):
            convert("drift", X, X, at)


@pytest.mark.parametrize("schedule", SCHEDULES[:2], ids=["vp", "ve"])
def test_flow_of_the_modes_is_the_probability_flow(schedule):
    """dx/dt = f x - ½ g² ∇ ln p_t, x = α m + Λ^½ w."""
    exact, t = mixture(schedule), jnp.asarray(0.4)
    λ, rate = schedule.log_snr(t), jax.grad(schedule.log_snr)(t)
    w = exact.gaussian.whiten(X, schedule.scales(λ))
    color = lambda w, λ: exact.gaussian.color(w, schedule.scales(λ))  # noqa: E731
    _, moved = jax.jvp(color, (w, λ), (rate * exact.drift_of_modes(w, λ), rate))
    flow = lambda half: schedule.drift(t) * X - half * schedule.diffusion(t) * exact.score(X, t)  # noqa: E731
    np.testing.assert_allclose(moved, flow(0.5), rtol=1e-6)
    assert np.abs(moved - flow(1.0)).max() > 0.1  # planted: the drift of the stochastic equation


def field_denoiser(shape=(4, 4)):
    """A network that is zero at first, on a free field's spectrum."""
    P = gaussian_field.spectrum(shape, variance=1.0)
    reference = eqx.tree_at(lambda g: g.spectrum, SpectralGaussian(shape=shape), jnp.asarray(P, jnp.float32))
    return Denoiser(NoNetwork(), reference, VariancePreserving()), P


def test_without_training_a_gaussian_field_is_exact(key):
    """D = C (α² C + σ²)⁻¹ α x by linear algebra, and ln q that of the multivariate normal law."""
    made, P = field_denoiser()
    C = gaussian_field.covariance(P)
    λ = jnp.asarray(0.7)
    alpha, sigma = (float(s) for s in made.schedule.scales(λ))
    x = jax.random.normal(key, (4, 4))
    expected = alpha * C @ np.linalg.solve(alpha**2 * C + sigma**2 * np.eye(16), np.asarray(x).ravel())
    np.testing.assert_allclose(made.data(x, λ).ravel(), expected, atol=1e-6)
    wrong = eqx.tree_at(lambda d: d.gaussian.spectrum, made, 1.1 * made.gaussian.spectrum)  # planted: 10 % in P(k)
    assert np.abs(wrong.data(x, λ).ravel() - expected).max() > 1e-3

    flow = ProbabilityFlow(eqx.tree_at(lambda d: d.gaussian.unit, made, jnp.float32(1.7)), steps=1)
    alpha, sigma = (float(s) for s in flow.end(jnp.float64))
    law = multivariate_normal(np.zeros(16), 1.7**2 * (alpha**2 * C + sigma**2 * np.eye(16)))
    assert float(eqx.filter_jit(flow.log_prob)(x)) == pytest.approx(law.logpdf(np.asarray(x).ravel()), abs=1e-4)


@pytest.mark.parametrize("made", [IsotropicGaussian, CenteredGaussian, SpectralGaussian])
def test_whitening(key, made):
    """Color undoes whiten, its log-determinant is log_volume, and the residual's scale is the Wiener filter's error."""
    gaussian = made(shape=(4, 3))
    if made is SpectralGaussian:
        P = gaussian_field.spectrum((4, 3), variance=1.0)
        gaussian = eqx.tree_at(lambda g: g.spectrum, gaussian, jnp.asarray(P, jnp.float32))
    at = VariancePreserving().at(jnp.asarray(0.2))
    x = gaussian.noise(key, jnp.float64)
    np.testing.assert_allclose(gaussian.color(gaussian.whiten(x, at), at), x, atol=1e-9)
    np.testing.assert_allclose(gaussian.unscale_residual(gaussian.scale_residual(x, at), at), x, atol=1e-9)
    J = np.asarray(jax.jacobian(lambda w: gaussian.color(w, at))(x)).reshape(12, 12)
    log_det = np.log(np.linalg.svd(J)[1][: gaussian.dimension]).sum()
    assert float(gaussian.log_volume(at)) == pytest.approx(log_det, abs=1e-5)
    W = np.asarray(jax.jacobian(lambda x: gaussian.wiener(x, at))(x)).reshape(12, 12)
    R = np.asarray(jax.jacobian(lambda F: gaussian.scale_residual(F, at))(x)).reshape(12, 12)
    alpha, sigma = (float(s) for s in at)
    np.testing.assert_allclose(R @ R.T, sigma**2 / alpha * W, atol=1e-6)  # E |x_0 - D|² = (σ²/α) dD/dx


def test_spectrum_from_samples(key):
    """3 % of noise from 2000 fields, symmetrized over 8 maps: seen within 5 %; a planted 20 % is."""
    made, P = field_denoiser((6, 6))
    draw = lambda k: made.gaussian.color(made.gaussian.noise(k), Scales(jnp.float32(1), jnp.float32(0)))  # noqa: E731
    x = 0.5 + jax.vmap(draw)(jax.random.split(key, 2000))
    found = spectral_gaussian(x)
    assert float(found.mean * found.unit) == pytest.approx(0.5, abs=0.1)
    ratio = np.asarray(found.spectrum * found.unit**2)[1:, 1:] / P[1:, 1:]
    assert np.abs(ratio - 1).max() < 0.12
    assert np.abs(1.2 * ratio - 1).max() > 0.12
