# SPDX-License-Identifier: Apache-2.0
"""Fits against NumPy, exact data and seeds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from isinglass.stats import fitting

linear_fit, power_law_fit = jax.jit(fitting.linear_fit), jax.jit(fitting.power_law_fit)
polynomial_fit = jax.jit(fitting.polynomial_fit, static_argnums=3)


@pytest.mark.parametrize("degree", [1, 2])
def test_polynomial_is_numpys(key, degree):
    x = np.linspace(0.5, 3.0, 9)
    error = np.linspace(0.1, 0.4, 9)
    y = 1.0 - 2 * x + np.asarray(jax.random.normal(key, (9,))) * error
    coefficients, covariance = np.polyfit(x, y, degree, w=1 / error, cov="unscaled")
    fit = polynomial_fit(jnp.asarray(x), jnp.asarray(y), jnp.asarray(error), degree)
    np.testing.assert_allclose(fit.coefficients, coefficients[::-1], rtol=1e-9)
    np.testing.assert_allclose(fit.covariance, covariance[::-1, ::-1], rtol=1e-9)
    np.testing.assert_allclose(fit.errors, np.sqrt(np.diag(covariance))[::-1], rtol=1e-9)
    chi2 = np.sum(((y - np.polyval(coefficients, x)) / error) ** 2)
    assert fit.chi2 == pytest.approx(chi2, rel=1e-10)
    assert fit.p_value == pytest.approx(scipy.stats.chi2.sf(chi2, 8 - degree), rel=1e-9)


def test_exact_data():
    L = jnp.array([8.0, 16.0, 32.0])
    fit = polynomial_fit(1 / L, 2.269 + 1.7 / L, jnp.full(3, 0.01), 1)
    np.testing.assert_allclose(fit.coefficients, [2.269, 1.7], rtol=1e-12)
    assert fit.chi2 < 1e-20
    slope = power_law_fit(L, 0.3 * L**2.17, 0.01 * L)
    assert slope.coefficients[1] == pytest.approx(2.17, rel=1e-12)
    exact = linear_fit(jnp.eye(3), jnp.arange(3.0), jnp.ones(3))
    np.testing.assert_allclose(exact.coefficients, np.arange(3.0), atol=1e-14)
    assert exact.p_value == 1


def test_errors_are_honest(key):
    """3000 fits of 6 points: 68.3 ± 3.4 % of each coefficient within its error (6e-5), chi2 p-values uniform."""
    x = jnp.linspace(0.0, 1.0, 6)
    error = 0.05 + 0.1 * x
    noise = jax.random.normal(key, (3000, 6))
    y = (2 - 3 * x)[None] + error[None] * noise
    fit_all = jax.jit(jax.vmap(lambda data: polynomial_fit(x, data, error, 1)))
    fits = fit_all(y)
    covered = np.mean(np.abs(np.asarray(fits.coefficients) - [2.0, -3.0]) < np.asarray(fits.errors), axis=0)
    assert np.all(np.abs(covered - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 3000))
    assert scipy.stats.kstest(fits.p_value, "uniform").pvalue > 1e-4
    wrong = fit_all(y + (x**2)[None])  # planted: the model lacks x²
    assert scipy.stats.kstest(wrong.p_value, "uniform").pvalue < 1e-10


def test_a_power_law_has_relative_errors():
    """As NumPy's fit of ln y with weights y/σ, its covariance not rescaled."""
    x, y = np.array([1.0, 2.0, 4.0, 8.0]), np.array([3.0, 5.5, 12.5, 23.0])
    error = np.array([0.3, 0.2, 0.5, 3.0])
    fit = power_law_fit(jnp.asarray(x), jnp.asarray(y), jnp.asarray(error))
    expected, covariance = np.polyfit(np.log(x), np.log(y), 1, w=y / error, cov="unscaled")
    np.testing.assert_allclose(fit.coefficients, expected[::-1], rtol=1e-10)
    np.testing.assert_allclose(fit.errors, np.sqrt(np.diag(covariance))[::-1], rtol=1e-10)
