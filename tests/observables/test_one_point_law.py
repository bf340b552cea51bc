# SPDX-License-Identifier: Apache-2.0
"""The density of a normal law, with honest errors of correlated sites."""

import numpy as np
from scipy.stats import norm

from isinglass.observables.one_point_law import one_point_law

EDGES = np.linspace(-2.0, 2.0, 11)
EXACT = np.diff(norm.cdf(EDGES)) / np.diff(EDGES)


def worst(x):
    """Largest deviation of ten bins in standard errors."""
    found = one_point_law(x, EDGES)
    return float((np.abs(found.value - EXACT) / found.error).max())


def test_the_density_of_a_normal_law():
    """Ten bins within 4.5 errors, false alarm 7e-5.  Sees a shift by 0.05."""
    x = np.random.default_rng(5).normal(size=(3000, 4, 4))
    assert worst(x) < 4.5
    assert worst(x + 0.05) > 4.5


def test_equal_sites_of_a_sample_count_once():
    """16 copies of one number: the error is that of 3,000 numbers.  Planted: each site taken for a sample."""
    x = np.random.default_rng(6).normal(size=(3000, 1, 1)) * np.ones((1, 4, 4))
    found, wrong = one_point_law(x, EDGES), one_point_law(x.reshape(-1, 1), EDGES)
    binomial = np.sqrt(EXACT * 0.4 * (1 - EXACT * 0.4) / 3000) / 0.4
    np.testing.assert_allclose(found.error, binomial, rtol=0.1)
    assert (wrong.error < 0.3 * binomial).all()


def test_a_bin_holds_its_lower_edge_and_the_share_is_that_inside():
    x = np.array([[0.0, 0.5, 1.0, 3.0], [0.0, 0.0, 0.5, 0.5]])
    assert one_point_law(x, np.array([0.0, 0.5, 1.0])).value.tolist() == [0.75, 0.75]
