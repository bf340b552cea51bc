# SPDX-License-Identifier: Apache-2.0
"""Passage times: a random walk that is known, a simulation, and Kramers' exponent; where the chain stays."""

import numpy as np
import pytest

from isinglass.exact.optimization.escape import kramers_exponent, passage_time, stationary_density


def wells(w):
    """U' of U = (w² - 1)²/4."""
    return w**3 - w


def test_half_the_steps_of_noise_alone_pass_at_once():
    """A gradient that throws every w to 0: each step passes 0 by chance ½, so τ = 2."""
    assert passage_time(lambda w: w / 0.5, 0.5, 1.0, -0.3, 0.0, -8.0) == pytest.approx(2.0, abs=1e-6)


def test_passage_by_simulation():
    """4000 walkers: within 4 errors; planted: half the noise."""
    rng, rate, noise = np.random.default_rng(1), 0.1, 3.0
    w, tau = np.full(4000, -1.0), np.zeros(4000)
    while (left := w < 1).any():
        tau += left
        w = np.where(left, w - rate * wells(w) + rate * noise**0.5 * rng.normal(size=4000), w)
    error = tau.std() / 4000**0.5
    assert abs(tau.mean() - passage_time(wells, rate, noise, -1.0, 1.0, -4.0)) < 4 * error
    assert abs(tau.mean() - passage_time(wells, rate, noise / 2, -1.0, 1.0, -4.0)) > 4 * error


def test_kramers():
    """ln(η τ) against 1/η: slope 2 ΔU/σ² within 2 % for small η."""
    rates = np.array([0.04, 0.05])
    log_tau = [np.log(rate * passage_time(wells, rate, 2.0, -1.0, 1.0, -3.0)) for rate in rates]
    slope = (log_tau[0] - log_tau[1]) / (1 / rates[0] - 1 / rates[1])
    assert slope == pytest.approx(kramers_exponent(0.25, 2.0), rel=0.02)


def test_small_steps_stay_as_boltzmann_says():
    """exp(-U/T), T = η σ²/2, within 2 % at η = 0.01; on a quadratic the exact variance at any η."""
    x, p = stationary_density(wells, 0.01, 25.0, -4.0, 4.0)
    weight = np.polynomial.legendre.leggauss(len(x))[1]
    boltzmann = np.exp(-((x**2 - 1) ** 2) / 4 / 0.125) * weight
    assert np.abs(p - boltzmann / boltzmann.sum()).sum() < 0.02
    x, p = stationary_density(lambda w: 2 * w, 0.6, 1.0, -6.0, 6.0)
    assert p @ x**2 == pytest.approx(0.6 / (2 * (2 - 1.2)), rel=1e-9)
