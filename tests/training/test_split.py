# SPDX-License-Identifier: Apache-2.0
"""No chain on both sides of a split; a planted leak is found, and shows as an accuracy that is not there."""

import numpy as np
import pytest

from isinglass.training.split import Split, split_by_group, straddling_groups


def chains(n=40, length=25, d=10):
    """Chains that never move: 25 copies of one configuration, labels by coin toss, so the true accuracy is 1/2."""
    rng = np.random.default_rng(0)
    group = np.repeat(np.arange(n), length)
    return rng.choice([-1, 1], (n, d))[group], rng.integers(0, 2, n)[group], group


def nearest_neighbor_accuracy(x, y, split):
    overlap = x[split.validation] @ x[split.training].T
    return (y[split.training][overlap.argmax(axis=1)] == y[split.validation]).mean()


def test_no_group_straddles_and_a_planted_leak_is_found(key):
    x, y, group = chains()
    split = split_by_group(key, group, 0.25)
    assert len(straddling_groups(group, split)) == 0
    assert len(np.unique(group[split.validation])) == 10
    assert np.array_equal(np.sort(np.concatenate(split)), np.arange(1000))
    assert nearest_neighbor_accuracy(x, y, split) < 0.9
    rows = np.random.default_rng(1).permutation(1000)
    leak = Split(rows[250:], rows[:250])
    assert len(straddling_groups(group, leak)) == 40
    assert nearest_neighbor_accuracy(x, y, leak) > 0.99  # what the leak pretends


def test_every_stratum_stays_in_training(key):
    temperature = np.repeat(np.arange(6), 8)
    group = np.arange(48) // 2
    split = split_by_group(key, group, 0.25, strata=temperature)
    assert set(temperature[split.training]) == set(temperature[split.validation]) == set(range(6))
    assert len(straddling_groups(group, split)) == 0


@pytest.mark.parametrize(("groups", "fraction"), [([1, 1, 1], 0.2), ([1, 2, 3], 0.0), ([1, 2], 1.0)])
def test_impossible_splits_are_refused(key, groups, fraction):
    with pytest.raises(ValueError, match="expected .*; found .*; "):
        split_by_group(key, np.asarray(groups), fraction)
