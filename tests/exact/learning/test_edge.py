# SPDX-License-Identifier: Apache-2.0
"""The law of the largest eigenvalue of noise against published quantiles and simulated noise."""

import numpy as np
import pytest
from scipy.stats import binom

from isinglass.exact.learning.edge import edge_law, tracy_widom, tracy_widom_quantile
from isinglass.exact.learning.random_matrix import (
    covariance_spike,
    marchenko_pastur_edges,
    marchenko_pastur_median,
    strength_of,
)

# Tracy and Widom, β = 1, as tabulated since Johnstone 2001
QUANTILES = {0.05: -3.1804, 0.5: -1.2686, 0.9: 0.4501, 0.95: 0.9793, 0.99: 2.0234}


def test_published_quantiles_and_mean():
    for p, s in QUANTILES.items():
        assert tracy_widom(s) == pytest.approx(p, abs=2e-5)
        assert tracy_widom_quantile(p) == pytest.approx(s, abs=2e-4)
    s = np.linspace(-8, 6, 140)
    F = np.array([tracy_widom(each) for each in s])
    assert 6 - np.trapezoid(F, s) == pytest.approx(-1.2065336, abs=1e-4)


@pytest.mark.parametrize(("n", "p"), [(60, 40), (40, 120)])
def test_the_edge_of_simulated_noise(n, p):
    """A tenth lies above the 90 % quantile, a twentieth below that of 5 %: 1000 matrices, false alarm 1e-4.

    Sees 15 % instead of 10 %, and a scale that is wrong by a fifth.
    """
    rng = np.random.default_rng(7)
    X = rng.normal(size=(1000, n, p))
    top = np.linalg.eigvalsh((X @ X.transpose(0, 2, 1)) / n)[:, -1]
    center, scale = edge_law(n, p)
    s = (top - center) / scale
    for number, share in (((s > QUANTILES[0.9]).sum(), 0.1), ((s < QUANTILES[0.05]).sum(), 0.05)):
        low, high = binom.ppf([5e-5, 1 - 5e-5], 1000, share)
        assert low <= number <= high


def test_strengths_are_inverted():
    for ell in (1.0, 2.5, 40.0):
        assert strength_of(covariance_spike(ell, 0.5).eigenvalue, 0.5) == pytest.approx(ell)
    assert strength_of(marchenko_pastur_edges(2.0)[1], 2.0) == pytest.approx(2**0.5)
    assert strength_of(0.5, 0.5) == pytest.approx(0.5**0.5)


@pytest.mark.parametrize("gamma", [0.1, 1.0, 3.0])
def test_the_median_of_simulated_noise(gamma):
    n = 800
    p = round(gamma * n)
    X = np.random.default_rng(2).normal(size=(n, p))
    value = np.linalg.eigvalsh(X @ X.T / n if p > n else X.T @ X / n)
    assert marchenko_pastur_median(gamma) == pytest.approx(np.median(value), rel=0.01)
