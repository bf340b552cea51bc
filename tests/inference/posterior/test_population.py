# SPDX-License-Identifier: Apache-2.0
"""Accepted pairs and weighted populations: ties, regressions and densities that are known."""

import numpy as np
import pytest

from isinglass.inference.posterior import adjusted, log_proposal, nearest, propose, resampled, thinned
from isinglass.inference.posterior.population import WeightedPopulation

RNG = np.random.default_rng(0)


def population(n: int = 50) -> WeightedPopulation:
    """Two clusters on a line, the right one with most of the weight."""
    u = np.concatenate([RNG.normal(-1, 0.1, (n // 2, 1)), RNG.normal(1, 0.3, (n - n // 2, 1))])
    weight = np.repeat([0.2, 0.8], [n // 2, n - n // 2])
    return WeightedPopulation(u, u, np.zeros(n), weight / weight.sum(), 0.0)


def test_ties_are_all_accepted():
    found = nearest(np.array([[0.0], [1.0], [-1.0], [1.0], [3.0]]), np.zeros(1), 2)
    np.testing.assert_array_equal(found.rows, [0, 1, 2, 3])
    assert found.epsilon == 1


def test_a_linear_law_is_adjusted_exactly():
    """u = 2 z + N(0, 0.3²), accepted within ±1: adjusted to z = 0.4 it is N(0.8, 0.3²), to 4.5 errors."""
    z = RNG.uniform(-1, 1, (4000, 1))
    u = 2 * z + 0.3 * RNG.normal(size=(4000, 1))
    found = adjusted(u, z, np.array([0.4]))
    assert found.mean() == pytest.approx(0.8, abs=4.5 * 0.3 / 4000**0.5 * 1.3)
    assert found.std() == pytest.approx(0.3, rel=4.5 / 8000**0.5)


def test_residuals_of_many_entries_are_not_too_narrow():
    """Of 100 pairs and 60 entries of noise: deviations of 1 on average; without the factor they are 0.63."""
    widths = [adjusted(RNG.normal(size=(100, 1)), RNG.normal(size=(100, 60)), np.zeros(60)).std() for _ in range(50)]
    assert np.mean(widths) == pytest.approx(1.0, abs=0.06)


def test_weights_choose_the_regression():
    """Planted: pairs of another line, whose weights are 0."""
    z = RNG.uniform(-1, 1, (400, 1))
    side = np.arange(400) < 200
    u = np.where(side[:, None], z, 5 - 3 * z)
    np.testing.assert_allclose(adjusted(u, z, np.zeros(1), side * 1.0)[side], 0.0, atol=1e-6)


def test_the_kernel_has_twice_the_covariance():
    """That of draws of the proposal is three times that of the population."""
    of = population()
    drawn = propose(np.random.default_rng(1), of, 40_000)
    variance = np.average((of.u[:, 0] - of.weight @ of.u[:, 0]) ** 2, weights=of.weight)
    assert drawn.mean() == pytest.approx(float(of.weight @ of.u[:, 0]), abs=0.05)
    assert drawn.var() == pytest.approx(3 * variance, rel=0.05)


def test_the_proposal_is_normalized_and_is_that_of_its_draws():
    of, grid = population(), np.linspace(-8, 8, 4001)
    p = np.exp(log_proposal(of, grid[:, None]))
    assert p.sum() * (grid[1] - grid[0]) == pytest.approx(1.0, abs=1e-6)
    drawn = propose(np.random.default_rng(1), of, 20_000)[:, 0]
    exact = (p * (grid > 0.5)).sum() * (grid[1] - grid[0])
    assert (drawn > 0.5).mean() == pytest.approx(exact, abs=4.5 * 0.5 / 20_000**0.5)


def test_resampling_keeps_equal_weights_and_counts():
    rng = np.random.default_rng(0)
    np.testing.assert_array_equal(resampled(rng, np.full(100, 0.01), 100), np.arange(100))
    count = np.bincount(resampled(rng, np.array([0.5, 0.3, 0.2]), 10), minlength=3)
    np.testing.assert_array_equal(count, [5, 3, 2])


def test_thinning_keeps_in_proportion_to_the_weights():
    """Shares 1, 1/2 and 1/4 of 4000 each, to 4.5 errors; none twice."""
    weight = np.repeat([4.0, 2.0, 1.0], 4000)
    kept = thinned(np.random.default_rng(0), weight / weight.sum())
    np.testing.assert_allclose(np.histogram(kept, [0, 4000, 8000, 12_000])[0] / 4000, [1, 0.5, 0.25], atol=0.036)
    assert len(np.unique(kept)) == len(kept)
