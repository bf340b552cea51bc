# SPDX-License-Identifier: Apache-2.0
"""Errors of kernel regression: independent numbers, the exact law of few modes, and its exponents."""

import numpy as np
import pytest

from isinglass.exact.learning.kernel_regression import kernel_error, power_spectrum

KNOWN = {10: 2.237910e-1, 30: 7.956236e-2, 100: 2.441916e-2, 300: 8.187337e-3, 1000: 2.454930e-3}


@pytest.mark.parametrize("P", KNOWN)
def test_independent_values(P):
    """λ_k = w_k² λ_k = k^-2, cut at 2e5 modes: computed by other code, with another root finder."""
    spectrum = power_spectrum(200_000, 2.0)
    assert kernel_error(spectrum, spectrum, P).error == pytest.approx(KNOWN[P], rel=1e-5)


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
