# SPDX-License-Identifier: Apache-2.0
"""LASSO's equations against sampled soft thresholds, the statistical dimension, and limits."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.stats import norm

from isinglass.exact.learning.lasso import lasso, lasso_at, moments, sparsest_solved
from isinglass.exact.learning.scalar_prior import SparseSigns

PRIOR = SparseSigns(0.1)


def test_moments_of_sampled_thresholds():
    """2^19 samples, four standard errors; sees 1 %."""
    rng = np.random.default_rng(1)
    x = rng.choice([-1.0, 0.0, 1.0], 2**19, p=[0.05, 0.9, 0.05]) / 0.1**0.5
    seen = x + 0.7 * rng.normal(size=x.shape)
    w = np.sign(seen) * np.maximum(np.abs(seen) - 0.7 * 1.2, 0)
    for each, exact in zip(((w - x) ** 2, w != 0), moments(PRIOR, 0.7, 1.2), strict=True):
        assert abs(each.mean() - exact) < 4 * each.std() / 2**9.5


@pytest.mark.parametrize(("alpha", "noise", "penalty"), [(0.5, 0.2, 0.3), (1.5, 0.1, 0.05), (0.3, 0.5, 1.0)])
def test_both_equations_hold(alpha, noise, penalty):
    at = lasso(PRIOR, alpha, noise, penalty)
    assert at.penalty == pytest.approx(penalty, abs=1e-9)
    assert at.tau**2 == pytest.approx((noise + at.error) / alpha, rel=1e-9)
    assert at.theta * (alpha - at.nonzero) == pytest.approx(penalty, abs=1e-9)


@pytest.mark.parametrize("alpha", [0.2, 0.5, 0.8])
def test_without_noise_the_transition_is_that_of_the_statistical_dimension(alpha):
    """Of the cone of descent of Σ|x|: Amelunxen, Lotz, McCoy and Tropp 2014, arXiv:1303.6672."""

    def rows(share):
        inner = lambda t: share * (1 + t**2) + 2 * (1 - share) * quad(  # noqa: E731
            lambda u: (u - t) ** 2 * norm.pdf(u), t, np.inf)[0]  # fmt: skip
        return minimize_scalar(inner, bounds=(0, 6), method="bounded").fun

    assert rows(alpha * sparsest_solved(alpha)) == pytest.approx(alpha, abs=1e-4)


def test_on_both_sides_of_the_transition():
    share = 0.5 * sparsest_solved(0.5)
    ratios = np.linspace(0.9, 1.6, 30)
    best = lambda rho: min(lasso_at(SparseSigns(rho), 0.5, 0.0, r).error for r in ratios)  # noqa: E731
    assert best(0.97 * share) < 1e-9
    assert best(1.05 * share) > 0.05


def test_a_large_penalty_leaves_nothing():
    at = lasso(PRIOR, 0.5, 0.2, 20.0)
    assert at.error == pytest.approx(1.0, abs=1e-6)
    assert at.nonzero < 1e-6
