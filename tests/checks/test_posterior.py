# SPDX-License-Identifier: Apache-2.0
"""Calibration of posteriors: right ones pass, those that are too narrow, too wide or biased do not."""

import numpy as np
import pytest
from scipy.stats import norm

from isinglass.checks import posterior

TRIES, PAIRS, DRAWS = 20, 500, 100


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def conjugate(rng, width=1.0, bias=0.0, d=2, n=PAIRS):
    """θ ~ N(0, 1), x ~ N(θ, 1): samples of N(x/2, 1/2), or of one that is too narrow or off by parts of its width."""
    theta = rng.normal(size=(n, d))
    x = theta + rng.normal(size=(n, d))
    s = 0.5**0.5
    drawn = x[:, None] / 2 + bias * s + width * s * rng.normal(size=(n, DRAWS, d))
    return theta, drawn


def verdicts(**planted):
    """(ranks, coverage) of many tries."""
    found = []
    for seed in range(TRIES):
        rng = np.random.default_rng(seed)
        theta, drawn = conjugate(rng, **planted)
        ranks = posterior.ranks_uniform(posterior.pit_values(theta, drawn, rng), ("a", "b"))
        coverage = posterior.expected_coverage(posterior.tarp_fractions(theta, drawn, rng))
        found.append((ranks.verdict, coverage.verdict))
    return found


def test_the_exact_posterior_passes():
    """In at most 1 of 20 tries it is doubted, and it is never refuted."""
    found = verdicts()
    assert sum(pair != ("pass", "pass") for pair in found) <= 1
    assert not any("fail" in pair for pair in found)


@pytest.mark.parametrize("planted", [{"width": 0.7}, {"width": 1.4}, {"bias": 0.5}, {"bias": -0.5}])
def test_a_wrong_width_or_a_bias_is_refuted_every_time(planted):
    assert [ranks for ranks, _ in verdicts(**planted)] == ["fail"] * TRIES


def test_a_small_bias_is_refuted():
    """A bias of 0.18 widths in 500 pairs is 4 errors of the mean of each; Kolmogorov and Smirnov see few."""
    found = [ranks for ranks, _ in verdicts(bias=0.18)]
    assert found.count("fail") >= 12


def test_a_p_value_is_shared_among_parameters(monkeypatch):
    """The worst of 10 parameters has ten chances: 2e-5 is in doubt, 5e-6 is refuted."""
    for p, verdict in ((2e-5, "unknown"), (5e-6, "fail")):
        monkeypatch.setattr(posterior, "uniform_p_value", lambda column, p=p: p)
        assert posterior.ranks_uniform(np.zeros((PAIRS, 10)), tuple("abcdefghij")).verdict == verdict


def test_coverage_sees_a_wrong_correlation():
    """Planted: samples of N(x/2, C) with a correlation of 0.95, whose marginals are right."""
    rng = np.random.default_rng(0)
    theta, drawn = conjugate(rng, n=2000)
    z = rng.normal(size=drawn.shape)
    z[..., 1] = 0.95 * z[..., 0] + (1 - 0.95**2) ** 0.5 * z[..., 1]
    wrong = drawn.mean(axis=1, keepdims=True) + 0.5**0.5 * z
    assert posterior.ranks_uniform(posterior.pit_values(theta, wrong, rng), ("a", "b")).verdict != "fail"
    assert posterior.expected_coverage(posterior.tarp_fractions(theta, wrong, rng)).verdict == "fail"


@pytest.mark.parametrize(("p", "verdict"), [(0.02, "pass"), (0.009, "unknown"), (2e-4, "unknown"), (5e-5, "fail")])
def test_the_levels_are_pinned(p, verdict):
    assert posterior.judged("law", p, PAIRS, "").verdict == verdict


def test_few_pairs_decide_nothing():
    assert posterior.judged("law", 0.5, 99, "").verdict == "unknown"
    assert posterior.judged("law", 0.5, 100, "").verdict == "pass"


def test_ranks_of_equal_numbers_are_uniform(rng):
    """A truth equal to all samples, as of a parameter in steps: any rank is as good."""
    pit = posterior.pit_values(np.zeros((4000, 1)), np.zeros((4000, 10, 1)), rng)
    assert posterior.ranks_uniform(pit, ("a",)).verdict == "pass"


@pytest.mark.parametrize(("place", "verdict"), [(0.0, "pass"), (3.0, "pass"), (6.0, "fail")])
def test_an_observation_that_no_simulation_resembles_is_refuted(place, verdict, rng):
    x = rng.normal(size=(5000, 3))
    assert posterior.in_simulated_range(np.array([0.0, place, 0.0]), x).verdict == verdict


def test_an_observation_off_the_correlation_of_the_data_is_refuted(rng):
    """Every entry is usual, their difference is not."""
    z = rng.normal(size=(5000, 1))
    x = z + 0.05 * rng.normal(size=(5000, 2))
    assert posterior.in_simulated_range(np.array([1.0, 1.0]), x).verdict == "pass"
    assert posterior.in_simulated_range(np.array([1.0, -1.0]), x).verdict == "fail"


def test_data_without_noise_decide_nothing(rng):
    """Twenty entries that are all at their mean; of two it is no wonder."""
    assert posterior.in_simulated_range(np.zeros(20), rng.normal(size=(5000, 20))).verdict == "unknown"
    assert posterior.in_simulated_range(rng.normal(size=20), rng.normal(size=(5000, 20))).verdict == "pass"
    assert posterior.in_simulated_range(np.zeros(2), rng.normal(size=(5000, 2))).verdict == "pass"


@pytest.mark.parametrize(("width", "verdict"), [(1.0, "pass"), (0.8, "fail")])
def test_parameters_of_another_prior_are_refuted(width, verdict, rng):
    theta, prior = rng.uniform(-width, width, (2000, 3)), rng.uniform(-1, 1, (20000, 3))
    assert posterior.drawn_from_prior(theta, prior, ("a", "b", "c")).verdict == verdict


def test_few_simulations_do_not_refute_an_observation(rng):
    assert posterior.in_simulated_range(np.array([9.0]), rng.normal(size=(500, 1))).verdict == "unknown"


def test_contraction_of_a_conjugate_posterior(rng):
    """Var(θ given x)/Var(θ) = 1/2; error √(2/n) of each variance."""
    found = posterior.contraction(0.5**0.5 * rng.normal(size=(20000, 1)), rng.normal(size=(20000, 1)))
    assert found[0] == pytest.approx(0.5, abs=0.03)


def test_populations_that_differ_are_refuted(rng):
    """Means of 16 groups that scatter by a third of a deviation pass at 0.9 of the bound and fail at 1.1."""
    for factor, verdict in ((0.9, "pass"), (1.1, "fail")):
        means = rng.normal(size=(16, 1, 1))
        means *= factor * np.sqrt(1.05**2 - 1) / means.std(ddof=1)
        u = np.tile(np.array([-1.0, 1.0])[None, :, None], (16, 2000, 1)) + means
        assert posterior.populations_agree(u).verdict == verdict


def test_a_mode_that_one_side_has_lost_is_refuted(rng):
    chains, groups = rng.normal(size=(32, 3)) * 0.05, rng.normal(size=(16, 3)) * 0.05
    assert posterior.same_means(chains, groups).verdict == "pass"
    assert posterior.same_means(chains + [0.0, 0.2, 0.0], groups).verdict == "fail"


@pytest.mark.parametrize(("n", "d"), [(100, 2), (1000, 5)])
def test_half_of_the_widths_that_are_just_resolved_are_doubted(n, d):
    """z of ranks ~ N(0, 1/s²), s the factor, in one of d parameters: a posterior too wide; 400 tries."""
    rng, factor = np.random.default_rng(n), posterior.width_resolution(n, d)
    names = tuple(f"theta_{i}" for i in range(d))
    seen = 0
    for _ in range(400):
        z = rng.normal(size=(n, d))
        z[:, 0] /= factor
        seen += posterior.ranks_uniform(norm.cdf(z), names).verdict != "pass"
    assert 0.35 < seen / 400 < 0.65
