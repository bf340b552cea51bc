# SPDX-License-Identifier: Apache-2.0
"""Calibration at the observation: right posteriors pass, those that are wrong only near it do not; and as a whole."""

import numpy as np
import pytest

from isinglass.checks import posterior
from isinglass.checks.learning.local_ranks import nearest_pairs, ranks_near
from isinglass.checks.learning.replication import like_replications, oddness

TRIES, PAIRS, DRAWS, SEEN = 20, 1000, 100, np.array([0.5, -0.5])
S = 0.5**0.5
NAMES = ("a", "b")


def conjugate(seed, width=1.0, bias=0.0, share=1.0, correlation=0.0):
    """θ ~ N(0, 1), x ~ N(θ, 1): truths, samples of N(x/2, 1/2), samples for x = SEEN; wrong in the nearest share."""
    rng = np.random.default_rng(seed)
    theta = rng.normal(size=(PAIRS, 2))
    x = theta + rng.normal(size=(PAIRS, 2))
    wrong = np.zeros((PAIRS, 1, 1), bool)
    wrong[np.argsort(((x - SEEN) ** 2).sum(axis=1))[: int(share * PAIRS)]] = True
    z = rng.normal(size=(PAIRS, DRAWS, 2))
    z[..., 1] = correlation * z[..., 0] + (1 - correlation**2) ** 0.5 * z[..., 1]
    drawn = x[:, None] / 2 + S * np.where(wrong, bias + width * z, z)
    return theta, drawn, SEEN / 2 + S * (bias + width * rng.normal(size=(5000, 2))), rng


def local(seed, **planted):
    theta, drawn, here, rng = conjugate(seed, **planted)
    return ranks_near(theta, drawn, here, NAMES, rng)[0].verdict


def test_the_exact_posterior_passes():
    """Of 600 tries 1 was doubted, none refuted."""
    found = [local(seed) for seed in range(TRIES)]
    assert found.count("pass") >= TRIES - 1
    assert "fail" not in found


@pytest.mark.parametrize("planted", [{"width": 0.7}, {"bias": 0.5}])
def test_an_error_of_the_nearest_fifth_is_seen(planted):
    """Refuted in 90 % of tries or more, doubted in most others; the ranks of all pairs refute less than half."""
    found = [local(seed, share=0.2, **planted) for seed in range(TRIES)]
    assert found.count("fail") >= 15
    assert found.count("pass") <= 2


def test_a_wrong_correlation_is_seen():
    """Planted: samples whose correlation is 0.5, with right marginals."""
    assert [local(seed, correlation=0.5) for seed in range(5)].count("fail") >= 4


def test_the_near_pairs_are_those_of_like_posteriors():
    theta, drawn, here, _ = conjugate(0)
    near = nearest_pairs(drawn, here)
    assert near.sum() == PAIRS // 5
    away = np.linalg.norm(drawn.mean(axis=1) - SEEN / 2, axis=1)
    assert away[near].max() < np.quantile(away, 0.25)


def verdicts(seed, **planted):
    """Of all checks of a posterior that need no network: ranks, coverage, those near, data like the observation."""
    theta, drawn, here, rng = conjugate(seed, **planted)
    x = here + rng.normal(size=here.shape)
    return {
        posterior.ranks_uniform(posterior.pit_values(theta, drawn, rng), NAMES).verdict,
        posterior.expected_coverage(posterior.tarp_fractions(theta, drawn, rng)).verdict,
        ranks_near(theta, drawn, here, NAMES, rng)[0].verdict,
        like_replications(oddness(SEEN, x[:2000]), 2000).verdict,
    }


@pytest.mark.parametrize("planted", [{"width": 0.7}, {"bias": 0.5}])
def test_a_wrong_posterior_is_flagged_in_20_of_20_tries(planted):
    assert all(verdicts(seed, **planted) != {"pass"} for seed in range(TRIES))


def test_a_good_posterior_is_flagged_in_at_most_1_of_20_tries():
    assert sum(verdicts(seed) != {"pass"} for seed in range(TRIES)) <= 1
