# SPDX-License-Identifier: Apache-2.0
"""Gaussian and lognormal fields: the propagator, the lognormal laws by drawing, Wiener by linear algebra."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import lognorm

from isinglass.exact.field import gaussian_field as exact
from isinglass.stats.goodness_of_fit import kolmogorov_smirnov


def test_power_one_is_the_free_field():
    """<φ²> and G(1) on 8 x 8, m² = 0.25: 0.385501189089 and 0.159595013407."""
    P = (exact.wave_numbers((8, 8)) ** 2 + 0.25) ** -1.0
    xi = exact.correlation(P)
    assert xi[0, 0] == pytest.approx(0.385501189089, abs=1e-11)
    assert xi[0, 1] == pytest.approx(0.159595013407, abs=1e-11)
    assert exact.correlation(1.01 * P)[0, 0] != pytest.approx(xi[0, 0], abs=1e-3)
    np.testing.assert_allclose(exact.spectrum_of(xi), P, rtol=1e-10)
    assert exact.spectrum((8, 8), variance=0.7, mass=0.5).mean() == pytest.approx(0.7)


@pytest.fixture(scope="module")
def fields():
    """20 000 Gaussian fields on 4 x 6, variance 0.6."""
    P = exact.spectrum((4, 6), variance=0.6, power=1.5)
    return P, exact.gaussian_field(np.random.default_rng(1).normal(size=(20_000, 4, 6)), P)


def test_drawn_fields_have_the_spectrum(fields):
    """Within 5 errors of √(2/20 000) = 1 % for each of 24 modes: false alarm 1e-5; 10 % is seen."""
    P, x = fields
    found = (np.abs(np.fft.fftn(x, axes=(1, 2), norm="ortho")) ** 2).mean(axis=0)
    assert np.abs(found / P - 1).max() < 0.05
    assert np.abs(1.1 * found / P - 1).max() > 0.05


def test_lognormal_laws(fields):
    """One-point law by Kolmogorov-Smirnov (false alarm 1e-4), against SciPy too; two-point function within 5 errors."""
    P, x = fields
    delta = exact.lognormal(x, 0.6)
    one = delta[:, 0, 0]
    assert float(kolmogorov_smirnov(jnp.asarray(exact.lognormal_cdf(one, 0.6))).p_value) > 1e-4
    assert float(kolmogorov_smirnov(jnp.asarray(exact.lognormal_cdf(one, 0.65))).p_value) < 1e-4
    law = lognorm(s=0.6**0.5, scale=np.exp(-0.3), loc=-1)
    grid = np.linspace(-0.9, 6, 50)
    np.testing.assert_allclose(exact.lognormal_cdf(grid, 0.6), law.cdf(grid), atol=1e-12)
    assert exact.lognormal_cdf(np.array([-1.5]), 0.6) == 0

    xi = exact.correlation(exact.lognormal_spectrum(P))
    for apart in ((0, 0), (0, 1), (2, 3)):
        pairs = (delta * np.roll(delta, apart, axis=(1, 2))).mean(axis=(1, 2))
        assert abs(pairs.mean() - xi[apart]) < 5 * pairs.std() / 20_000**0.5
    pairs = (delta * np.roll(delta, 1, axis=2)).mean(axis=(1, 2))
    assert abs(pairs.mean() - exact.correlation(P)[0, 1]) > 5 * pairs.std() / 20_000**0.5  # planted: ξ_g for ξ_δ


def test_wiener_filter_is_linear_algebra():
    """The mean and covariance of x given y, from the joint Gaussian of (x, y)."""
    P = exact.spectrum((3, 4), variance=1.3)
    y, n = np.random.default_rng(2).normal(size=(3, 4)), 0.7
    C = exact.covariance(P)
    A = np.linalg.inv(np.linalg.inv(C) + np.eye(12) / n**2)
    whole = exact.wiener_posterior(P, y, n)
    np.testing.assert_allclose(whole.mean.ravel(), A @ y.ravel() / n**2, atol=1e-12)
    np.testing.assert_allclose(whole.variance.ravel(), np.diag(A), atol=1e-12)

    mask = np.arange(12).reshape(3, 4) % 2
    M = np.eye(12)[mask.ravel() == 1]
    A = np.linalg.inv(np.linalg.inv(C) + M.T @ M / n**2)
    part = exact.wiener_posterior(P, y, n, mask)
    np.testing.assert_allclose(part.mean.ravel(), A @ M.T @ (M @ y.ravel()) / n**2, atol=1e-12)
    np.testing.assert_allclose(part.variance.ravel(), np.diag(A), atol=1e-12)
    assert np.abs(part.variance - whole.variance).max() > 0.05  # planted: the mask ignored
