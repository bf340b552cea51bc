# SPDX-License-Identifier: Apache-2.0
"""The accuracy of a classifier of two samples against the best that there is."""

import numpy as np
import pytest
from scipy.stats import norm

from isinglass.checks.learning.two_samples import c2st


def test_one_law_is_not_told_apart():
    rng = np.random.default_rng(0)
    found = c2st(rng.normal(size=(1000, 2)), rng.normal(size=(1000, 2)))
    assert found.error == pytest.approx((0.25 / 2000) ** 0.5, rel=0.01)
    assert abs(found.value - 0.5) < 4 * found.error


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_two_normal_laws_are_told_by_the_best_boundary(shift):
    """Φ(δ/2): 0.6915 and 0.9332; in any units."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(1000, 2)), rng.normal(size=(1500, 2)) + np.array([shift, 0.0])
    found = c2st(1e4 * a + 5.0, 1e4 * b + 5.0)
    assert found.value == pytest.approx(norm.cdf(shift / 2), abs=0.03)


def test_a_parameter_that_does_not_vary_is_no_obstacle():
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(300, 1)), rng.normal(size=(300, 1)) + 5.0
    still = np.ones((300, 1))
    assert c2st(np.hstack([a, still]), np.hstack([b, still])).value > 0.95


def test_a_wrong_width_is_told():
    """A width off by 2 in two dimensions: the best classifier has ½ + ½ (4^(-1/3) - 4^(-4/3)) = 0.736."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 1500, 2))
    assert 0.68 < c2st(a, 2 * b).value < 0.76
