# SPDX-License-Identifier: Apache-2.0
"""Errors of kernel regression: independent numbers, the exact law of few modes, and its exponents."""

import numpy as np
import pytest
from scipy.special import zeta

from isinglass.exact.regression.kernel_regression import (
    best_ridge,
    exponents,
    kernel_error,
    mode_blocks,
    power_spectrum,
)
from isinglass.exact.regression.linear_regression import ridge_optimum, ridge_risk

KNOWN = {
    2.0: {10: 2.237910e-1, 30: 7.956236e-2, 100: 2.441916e-2, 300: 8.187337e-3, 1000: 2.454930e-3},
    1.5: {10: 1.218948, 30: 0.7350273, 100: 0.4056525, 300: 0.2316527, 1000: 0.1231423},
}


@pytest.mark.parametrize(("b", "P"), [(b, P) for b in KNOWN for P in KNOWN[b]])
def test_independent_values(b, P):
    """λ_k = k^-2, w_k² λ_k = k^-b, cut at 2e5 modes: computed by other code, with another root finder."""
    found = kernel_error(power_spectrum(200_000, 2.0), power_spectrum(200_000, b), P).error
    assert found == pytest.approx(KNOWN[b][P], rel=1e-5)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("penalty", [0.01, 0.3])
def test_equal_eigenvalues_with_ridge_are_marchenko_and_pasturs(gamma, penalty):
    """p modes of variance 1, |w|² = 1; planted: an effective ridge that is the penalty itself."""
    p, noise = 100, 0.25
    flat = np.ones(p)
    found = kernel_error(flat, flat / p, p / gamma, noise, penalty)
    assert found.bias + found.variance == pytest.approx(ridge_risk(penalty, gamma, noise), rel=1e-9)
    assert found.error == pytest.approx(found.bias + found.variance + noise, rel=1e-12)
    assert found.kappa > 1.1 * penalty


def test_modes_that_are_there_twice():
    a, w = power_spectrum(50, 1.5), np.full(50, 2.0)
    twice = kernel_error(np.repeat(a, 2), np.repeat(a, 2), 40, 0.1, 0.01)
    assert kernel_error(a, a, 40, 0.1, 0.01, w) == pytest.approx(twice, rel=1e-12)


def test_the_best_ridge_of_equal_eigenvalues():
    flat = np.ones(200)
    penalty, found = best_ridge(flat, flat / 200, 100, 0.25)
    assert penalty == pytest.approx(ridge_optimum(2.0, 0.25), rel=1e-4)
    assert found.error == pytest.approx(0.25 + ridge_risk(0.5, 2.0, 0.25), rel=1e-8)


@pytest.mark.parametrize("a", [1.2, 2.0, 3.0])
def test_blocks_of_modes(a):
    """Against Riemann's zeta less its tail."""
    k, weight = mode_blocks(1e9)
    assert weight.sum() == 1e9
    assert weight @ k**-a == pytest.approx(zeta(a) - zeta(a, 1e9 + 1), rel=1e-4)


@pytest.mark.parametrize(("a", "b"), [(2.0, 2.0), (1.5, 3.0), (1.5, 6.0)])
def test_exponents_with_noise_and_the_best_ridge(a, b):
    """m/(1 + m) between P = 10^5 and 10^6, m = min(b - 1, 2a); without noise m, also where b - 1 is larger."""
    k, weight = mode_blocks(1e12)
    eigenvalue, target = k**-a, k**-b
    m, noisy = exponents(a, b)
    errors = [best_ridge(eigenvalue, target, P, 1.0, weight)[1] for P in (1e5, 1e6)]
    errors = [e.bias + e.variance for e in errors]
    assert np.log10(errors[0] / errors[1]) == pytest.approx(noisy, abs=0.02)
    bare = [kernel_error(eigenvalue, target, P, weight=weight).error for P in (500, 5000)]
    assert np.log10(bare[0] / bare[1]) == pytest.approx(m, abs=0.03)


@pytest.mark.parametrize(("a", "b"), [(2.0, 2.0), (1.5, 2.0), (3.0, 1.5)])
def test_exponent_and_floor(a, b):
    """E -> a σ² + A P^-(b-1), γ -> 1 - 1/a; planted: an exponent b fails."""
    eigenvalue, target = power_spectrum(10**6, a), power_spectrum(10**6, b)
    tail = 1e6 ** (1 - b) / (b - 1)  # of the modes left out, which are never learned
    few, many = (kernel_error(eigenvalue, target, P).error + tail / (1 / a) for P in (100, 1000))
    slope = np.log(few / many) / np.log(10)
    assert slope == pytest.approx(b - 1, abs=0.03)
    assert abs(slope - b) > 0.5
    assert kernel_error(eigenvalue, target, 1000).gamma == pytest.approx(1 - 1 / a, abs=0.01)
    more = kernel_error(eigenvalue, target, 1000, 0.1).error - kernel_error(eigenvalue, target, 1000).error
    assert more == pytest.approx(0.1 * a, rel=0.03)


def test_equal_eigenvalues_are_the_shortest_least_squares():
    """λ_k = 1/p, p = 2 n: risk r² (1 - 1/γ) + σ² γ/(γ - 1) of Marchenko and Pastur, noise of a new y included."""
    p, n, noise = 400, 200, 0.3
    flat = np.full(p, 1 / p)
    assert kernel_error(flat, flat, n, noise).error == pytest.approx(0.5 * 1 + noise * 2, rel=1e-9)
