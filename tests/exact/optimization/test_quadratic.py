# SPDX-License-Identifier: Apache-2.0
"""Rates and stationary laws: the matrices of the maps, Lyapunov's equation, and all batches enumerated."""

from itertools import product

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from isinglass.exact.optimization import quadratic

EIGENVALUE = np.array([0.3, 1.0, 4.0])


def companion(eigenvalue, rate, momentum):
    """(w, v) → (w + v', v'), v' = β v - η λ w."""
    return np.array([[1 - rate * eigenvalue, momentum], [-rate * eigenvalue, momentum]])


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (0.49, 0.0), (0.3, 0.5), (0.9, 0.9)])
def test_contraction_is_the_spectral_radius(rate, momentum):
    radius = max(np.abs(np.linalg.eigvals(companion(e, rate, momentum))).max() for e in EIGENVALUE)
    assert quadratic.contraction(EIGENVALUE, rate, momentum) == pytest.approx(radius, rel=1e-7)
    assert (radius < 1) == (rate < quadratic.largest_rate(4.0, momentum))


@pytest.mark.parametrize("best", [quadratic.best_descent, quadratic.best_heavy_ball])
def test_no_other_rate_contracts_more(best):
    of = best(0.3, 4.0)
    assert quadratic.contraction(EIGENVALUE, of.rate, of.momentum) == pytest.approx(of.contraction, abs=1e-6)
    for factor in (0.9, 0.97, 1.03, 1.1):
        assert quadratic.contraction(EIGENVALUE, of.rate * factor, of.momentum) > of.contraction + 1e-4


@pytest.mark.parametrize(("rate", "momentum"), [(0.1, 0.0), (0.45, 0.0), (0.2, 0.6), (0.05, 0.9)])
def test_stationary_variance_by_lyapunov(rate, momentum):
    """Planted: the noise by half."""
    for eigenvalue in EIGENVALUE:
        source = 0.7 * rate**2 * np.ones((2, 2))
        exact = solve_discrete_lyapunov(companion(eigenvalue, rate, momentum), source)[0, 0]
        assert quadratic.stationary_variance(eigenvalue, rate, 0.7, momentum) == pytest.approx(exact, rel=1e-9)
        assert quadratic.stationary_variance(eigenvalue, rate, 0.35, momentum) != pytest.approx(exact, rel=1e-2)


def test_minibatches_enumerated():
    """C is what a step makes of C, over all 4² batches of two rows; far steps of the second moment."""
    rng = np.random.default_rng(0)
    X, y, rate = rng.normal(size=(4, 2)), rng.normal(size=4), 0.2
    C = quadratic.minibatch_covariance(X, y, rate, 2)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    after = np.zeros((2, 2))
    for rows in product(range(4), repeat=2):
        a, r = X[list(rows)], (y - X @ best)[list(rows)]
        M, g = np.eye(2) - rate * a.T @ a / 2, rate * a.T @ r / 2
        after += (M @ C @ M.T + np.outer(g, g)) / 16
    np.testing.assert_allclose(after, C, rtol=1e-12)
    assert np.linalg.eigvalsh(C).min() > 0
