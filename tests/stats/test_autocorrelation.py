# SPDX-License-Identifier: Apache-2.0
"""Autocorrelation times against processes of known time, and honest errors over seeds."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from arviz_stats.base import array_stats

from isinglass.stats import autocorrelation as stats

autocorrelation, autocovariance = jax.jit(stats.autocorrelation), jax.jit(stats.autocovariance)
effective_sample_size, integrated_time = jax.jit(stats.effective_sample_size), jax.jit(stats.integrated_time)
mean_and_error = jax.jit(stats.mean_and_error)


@partial(jax.jit, static_argnums=(2, 3))
def ar1(key, a, n, batch):
    """Stationary x_{i+1} = a x_i + √(1 - a²) noise: mean 0, variance 1, ρ(t) = a^t, τ = (1 + a) / (2 (1 - a))."""
    noise = jax.random.normal(key, (n, batch))

    def step(x, e):
        x = a * x + jnp.sqrt(1 - a * a) * e
        return x, x

    return jax.lax.scan(step, noise[0], noise[1:])[1].T


def tau_of(a):
    return (1 + a) / (2 * (1 - a))


def test_autocovariance_by_its_sum(key):
    x = np.asarray(jax.random.normal(key, (37,))) + 5
    centered = x - x.mean()
    expected = [np.sum(centered[: 37 - t] * centered[t:]) / 37 for t in range(37)]
    np.testing.assert_allclose(autocovariance(jnp.asarray(x)), expected, rtol=0, atol=1e-13)
    np.testing.assert_allclose(autocovariance(jnp.asarray(x)), array_stats.autocov(x), rtol=0, atol=1e-13)


def test_autocorrelation_of_ar1(key):
    """Mean over 500 series of 2000 draws; standard error about 0.003, 4.5 of them allowed at each of 20 lags (1e-4)."""
    rho = jax.vmap(autocorrelation)(ar1(key, 0.8, 2000, 500))[:, :20]
    error = np.std(rho, axis=0) / np.sqrt(500)
    bias = 2 * tau_of(0.8) / 2000
    assert np.all(np.abs(rho.mean(axis=0) - 0.8 ** np.arange(20)) < 4.5 * error + bias)
    assert np.any(np.abs(rho.mean(axis=0) - 0.81 ** np.arange(20)) > 4.5 * error + bias)  # planted


@pytest.mark.parametrize("a", [0.0, 0.8])
def test_integrated_time_and_its_error(key, a):
    """1000 series of 400 τ draws: mean τ to 3 %, and 66-80 % within the slightly large error (73 ± 1.4 % measured)."""
    n = int(400 * max(tau_of(a), 1))
    result = jax.jit(jax.vmap(integrated_time))(ar1(key, a, n, 1000))
    assert np.mean(result.tau) == pytest.approx(tau_of(a), rel=0.03)
    if a > 0:
        coverage = np.mean(np.abs(result.tau - tau_of(a)) < result.error)
        assert 0.66 < coverage < 0.80
        assert np.mean(result.error) == pytest.approx(np.std(result.tau), rel=0.25)


@pytest.mark.parametrize("a", [-0.5, 0.8])
def test_errors_of_the_mean_are_honest(key, a):
    """2000 series: 63-73 % within one error, 93-97 % within two; 5 and 4 standard deviations, false alarm 6e-5."""
    x = ar1(key, a, int(500 * max(tau_of(a), 1)), 2000) + 3
    mean, error = jax.jit(jax.vmap(mean_and_error))(x)
    z = np.abs(mean - 3) / error
    assert 0.63 < np.mean(z < 1) < 0.73
    assert 0.93 < np.mean(z < 2) < 0.97


def test_ignoring_correlation_is_seen(key):
    """The planted naive error of correlated draws covers far less than one standard error should."""
    x = ar1(key, 0.9, 2000, 1000)
    naive = jnp.std(x, axis=1) / np.sqrt(2000)
    assert np.mean(np.abs(x.mean(axis=1)) < naive) < 0.4


def test_effective_sample_size_is_invariant(key):
    x = ar1(key, 0.7, 1000, 1)[0]
    assert effective_sample_size(-3 * x + 100) == pytest.approx(float(effective_sample_size(x)), rel=1e-10)
    assert effective_sample_size(x) == pytest.approx(1000 / (2 * tau_of(0.7)), rel=0.35)


def test_constant_and_antithetic_series(key):
    constant = jnp.full(100, 2.5)
    assert integrated_time(constant).tau == 0.5
    assert effective_sample_size(constant) == 100
    assert mean_and_error(constant) == (2.5, 0.0)
    alternating = jnp.asarray((-1.0) ** np.arange(100))
    assert 100 < effective_sample_size(alternating) <= 100 * np.log10(100) + 1e-9
    assert np.isfinite(integrated_time(ar1(key, -0.9, 500, 1)[0]).error)


def test_single_precision_series(key):
    x = ar1(key, 0.5, 1000, 1)[0]
    assert effective_sample_size(x.astype(jnp.float32)) == pytest.approx(float(effective_sample_size(x)), rel=1e-3)
