# SPDX-License-Identifier: Apache-2.0
"""Data like the observation: a further draw has a uniform rank, what the joint law excludes is refuted."""

import numpy as np
import pytest
from scipy.stats import kstest

from isinglass.checks.learning.replication import Oddness, like_replications, oddness
from isinglass.result import Estimate


def test_one_more_draw_has_a_uniform_share():
    """200 sets of skew, correlated numbers.  False alarm 1e-4."""
    rng, found = np.random.default_rng(0), []
    for _ in range(200):
        x = rng.exponential(size=(201, 3)) @ np.array([[1.0, 0.5, 0.0], [0.0, 1.0, 0.9], [0.0, 0.0, 0.2]])
        found.append(oddness(x[0], x[1:]).share.value - rng.random() / 201)
    assert kstest(found, "uniform").pvalue > 1e-4


@pytest.mark.parametrize("seen", [(0.0, 1.5), (1.0, 0.3)])
def test_an_observation_off_the_joint_law_is_refuted(seen):
    """Planted: (θ, θ²) with errors of 0.05; θ uniform; each entry of the observation is usual."""
    rng = np.random.default_rng(1)
    theta = rng.uniform(-1.5, 1.5, 2000)
    x = np.stack([theta, theta**2], axis=1) + 0.05 * rng.normal(size=(2000, 2))
    assert like_replications(oddness(np.array(seen), x), 2000).verdict == "fail"
    assert like_replications(oddness(np.array([1.0, 1.05]), x), 2000).verdict == "pass"


def test_a_gap_between_modes_is_seen_by_the_neighbors():
    rng = np.random.default_rng(2)
    x = rng.choice([-1.0, 1.0], (2000, 1)) + 0.05 * rng.normal(size=(2000, 1))
    found = oddness(np.zeros(1), x)
    assert (found.by, like_replications(found, 2000).verdict) == ("from the nearest of them", "fail")


def test_few_replications_doubt_and_do_not_refute():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(301, 400))
    x[0] *= 1.5
    assert like_replications(oddness(x[0], x[1:]), 300).verdict == "unknown"  # 300 do not refute


@pytest.mark.parametrize(("share", "verdict"), [(0.011, "pass"), (0.009, "unknown"), (0.0011, "unknown"),
                                                (0.0009, "fail")])  # fmt: skip
def test_the_levels_are_pinned(share, verdict):
    assert like_replications(Oddness(Estimate(share), "from their mean"), 2000).verdict == verdict
