# SPDX-License-Identifier: Apache-2.0
"""Double well and Müller-Brown (B17), Gaussian mixtures: published numbers, SciPy, closed forms."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime, minimize

from isinglass.exact.surface import double_well, gaussian_mixture, mueller_brown


def test_double_well():
    points = double_well.stationary_points()
    np.testing.assert_allclose(points, [-2.528917957, 0.167449191, 2.361468767], atol=1e-9)
    np.testing.assert_allclose(double_well.potential(points), [-11.489827520, 0.083528046, -6.593700526], atol=1e-9)
    np.testing.assert_allclose(double_well.log_partition_function(), 11.1459904654, atol=1e-9)
    np.testing.assert_allclose(double_well.log_partition_function(harmonic=(1.0,)), 12.0649289986, atol=1e-9)
    np.testing.assert_allclose(double_well.free_energy_difference(), 4.7772741300, atol=1e-9)
    np.testing.assert_allclose(double_well.average(lambda x: x < 0), 0.99165137, atol=1e-8)
    np.testing.assert_allclose(double_well.average(lambda x: x), -2.4410966747, atol=1e-9)


@pytest.mark.parametrize(("beta", "a", "b", "c"), [(0.3, 1.0, 6.0, 1.0), (2.0, 0.5, -1.0, -2.0), (1.0, 2.0, 3.0, 0.0)])
def test_double_well_against_scipy(beta, a, b, c):
    Z = quad(lambda x: math.exp(-beta * double_well.potential(np.array(x), a, b, c)), -12, 12, limit=400)[0]
    np.testing.assert_allclose(double_well.log_partition_function(beta, a, b, c), math.log(Z), atol=1e-8)
    virial = double_well.average(lambda x: x * (a * x**3 - b * x + c), beta, a, b, c)
    np.testing.assert_allclose(virial, 1 / beta, rtol=1e-9)
    mirror = double_well.free_energy_difference(beta, a, b, -c)
    np.testing.assert_allclose(double_well.free_energy_difference(beta, a, b, c), -mirror, atol=1e-12)
    np.testing.assert_allclose(
        quad(lambda x: double_well.density(np.array(x), beta, a, b, c), -12, 12)[0], 1, atol=1e-7
    )


@pytest.mark.parametrize(
    ("kT", "log_Z", "V", "x", "y", "right", "low"),
    [
        (10, 11.7295904239, -134.9340672809, -0.5436642117, 1.3945122190, 0.0236670253, 0.0257149645),
        (20, 5.3655087030, -113.5140764711, -0.4238020768, 1.1648297308, 0.1500513298, 0.2005424444),
    ],
)
def test_mueller_brown(kT, log_Z, V, x, y, right, low):
    np.testing.assert_allclose(mueller_brown.log_partition_function(kT), log_Z, atol=1e-9)
    means = [mueller_brown.average(f, kT) for f in (mueller_brown.potential, lambda x, y: x, lambda x, y: y)]
    np.testing.assert_allclose(means, [V, x, y], atol=2e-9)
    np.testing.assert_allclose(mueller_brown.population(kT), [right, low], atol=2e-9)


def test_mueller_brown_stationary_points():
    V = lambda p: float(mueller_brown.potential(np.array(p[0]), np.array(p[1])))  # noqa: E731
    expected = [-146.69951721, -108.16672412, -80.76781813]
    for start, value in zip(mueller_brown.MINIMA, expected, strict=True):
        found = minimize(V, start + 0.02, tol=1e-12)
        np.testing.assert_allclose(found.fun, value, atol=1e-7)
        np.testing.assert_allclose(found.x, start, atol=1e-5)
    for saddle, value in (((-0.82200156, 0.62431280), -40.66484351), ((0.21248658, 0.29298833), -72.24894011)):
        np.testing.assert_allclose(V(saddle), value, atol=1e-7)
        assert np.linalg.norm(approx_fprime(np.array(saddle), V, 1e-7)) < 1e-2


MIXTURE = (
    np.array([0.3, 0.7]),
    np.array([[-1.0, 2.0], [1.5, -0.5]]),
    np.array([[0.5, 0.8], [1.0, 0.4]]),
)


def grid():
    x, step = np.linspace(-8, 8, 321, retstep=True)
    return np.stack(np.meshgrid(x, x, indexing="ij"), -1).reshape(-1, 2), step**2


def test_gaussian_mixture_by_quadrature():
    x, area = grid()
    p = np.exp(gaussian_mixture.log_density(x, *MIXTURE)) * area
    w, mu, sigma = MIXTURE
    np.testing.assert_allclose(p.sum(), 1, atol=1e-12)
    np.testing.assert_allclose(p @ x, gaussian_mixture.mean(w, mu), atol=1e-11)
    np.testing.assert_allclose(np.cov(x.T, aweights=p, ddof=0), gaussian_mixture.covariance(w, mu, sigma), atol=1e-10)
    np.testing.assert_allclose(p @ gaussian_mixture.score(x, *MIXTURE), 0, atol=1e-8)
    at = np.array([0.3, 0.1])
    slope = approx_fprime(at, lambda y: gaussian_mixture.log_density(y[None], *MIXTURE)[0], 1e-7)
    np.testing.assert_allclose(gaussian_mixture.score(at[None], *MIXTURE)[0], slope, atol=1e-5)


def test_diffused_mixture_is_a_convolution():
    """One dimension, √ᾱ x + √(1-ᾱ) z by numerical integration over x."""
    w, mu, sigma = np.array([0.4, 0.6]), np.array([[-2.0], [1.0]]), np.array([[0.3], [0.6]])
    alpha_bar = 0.35
    x, step = np.linspace(-9, 9, 4001, retstep=True)
    p = np.exp(gaussian_mixture.log_density(x[:, None], w, mu, sigma)) * step
    y = np.array([-1.5, 0.0, 0.7])
    kernel = np.exp(-((y[:, None] - np.sqrt(alpha_bar) * x) ** 2) / (2 * (1 - alpha_bar)))
    expected = kernel @ p / np.sqrt(2 * np.pi * (1 - alpha_bar))
    after = gaussian_mixture.diffused(w, mu, sigma, alpha_bar)
    np.testing.assert_allclose(np.exp(gaussian_mixture.log_density(y[:, None], *after)), expected, rtol=1e-10)


def test_what_a_lost_mode_costs():
    """KL(q | p) by quadrature for q = the left of two far modes."""
    x, step = np.linspace(-20, 20, 8001, retstep=True)
    w, mu, sigma = np.array([0.25, 0.75]), np.array([[-8.0], [8.0]]), np.ones((2, 1))
    log_p = gaussian_mixture.log_density(x[:, None], w, mu, sigma)
    log_q = gaussian_mixture.log_density(x[:, None], np.ones(1), mu[:1], sigma[:1])
    np.testing.assert_allclose(step * np.sum(np.exp(log_q) * (log_q - log_p)), math.log(4), rtol=1e-9)
    assert gaussian_mixture.lost_mode_divergence(0.25) == pytest.approx(math.log(4))
