# SPDX-License-Identifier: Apache-2.0
"""The share of directions that lead down, by the eigenvalues of a large random matrix."""

import numpy as np
import pytest

from isinglass.exact.optimization.spin_landscape import index_fraction, threshold_energy


@pytest.mark.parametrize("p", [3, 4])
def test_index_by_a_random_matrix(p):
    """N = 800: counts are sharp to 1/N; planted: a Hessian without its factor p - 1."""
    N, rng = 800, np.random.default_rng(0)
    A = rng.normal(size=(N, N))
    G = np.linalg.eigvalsh((A + A.T) / np.sqrt(2 * N))
    e = np.array([-1.5, -1.2, -0.4, 0.0, 0.7])
    counted = np.array([np.mean(np.sqrt(p * (p - 1)) * G - p * x < 0) for x in e])
    np.testing.assert_allclose(index_fraction(e, p), counted, atol=0.006)
    assert np.abs(np.array([np.mean(np.sqrt(p) * G - p * x < 0) for x in e]) - counted).max() > 0.05


def test_no_way_down_below_the_threshold():
    e = threshold_energy(3)
    assert e == pytest.approx(-1.632993, abs=1e-6)
    assert index_fraction(np.array([e, 0.99 * e, 1.2 * e]), 3)[[0, 2]] == pytest.approx(0.0, abs=1e-9)
    assert index_fraction(np.array([0.99 * e]), 3)[0] > 1e-4
