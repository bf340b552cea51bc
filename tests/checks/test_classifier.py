# SPDX-License-Identifier: Apache-2.0
"""The leak detector on the exact energy law of the 16 x 16 torus; planted: leaked labels, a dull classifier."""

import numpy as np
import pytest
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.classifier import at_most_bayes, near_bayes, not_worse
from isinglass.exact.lattice.bayes import bayes_accuracy, energy_law, posterior

T = np.round(np.arange(1.0, 3.55, 0.1), 1)


@pytest.fixture(scope="module")
def held_out():
    """400 energies at each temperature, what the perfect classifier says, and the ceiling."""
    law = energy_law(16, T)
    rng = np.random.default_rng(0)
    p = np.exp(law)
    E = np.stack([rng.choice(p.shape[1], 400, p=row / row.sum()) for row in p])
    said = posterior(law, T < 2.269)[E] > 0.5
    parameter = np.repeat(T, 400)
    return said.ravel(), parameter < 2.269, parameter, np.tile(np.arange(400), len(T)), bayes_accuracy(law, T < 2.269)


def test_published_ceiling(held_out):
    np.testing.assert_allclose(held_out[-1], 0.96488678, atol=1e-8)


def test_the_perfect_classifier_passes(held_out):
    said, label, T, group, ceiling = held_out
    assert at_most_bayes(said == label, group, T, ceiling).verdict == "pass"
    assert near_bayes(said == label, group, T, ceiling).verdict == "pass"


def test_leaked_labels_are_seen(held_out):
    """Half of the mistakes are corrected by a look at the label."""
    said, label, T, group, ceiling = held_out
    leak = np.random.default_rng(1).random(len(said)) < 0.5
    assert at_most_bayes(np.where(leak, label, said) == label, group, T, ceiling).verdict == "fail"


def test_a_dull_classifier_is_seen(held_out):
    said, label, T, group, ceiling = held_out
    wrong = np.random.default_rng(2).random(len(said)) < 0.05
    assert near_bayes((said ^ wrong) == label, group, T, ceiling).verdict == "fail"


def test_correlated_rows_widen_the_error(held_out):
    """Each row four times over: the accuracy is the same, the error must not shrink."""
    said, label, T, group, ceiling = held_out
    hit = said == label
    once = at_most_bayes(hit, group, T, ceiling).error
    again = at_most_bayes(np.tile(hit, 4), np.tile(group, 4), np.tile(T, 4), ceiling).error
    assert once is not None
    assert again is not None
    np.testing.assert_allclose(again, once, rtol=0.15)


def rows(hits, n=10_000):
    """Independent rows at one parameter."""
    return np.arange(n) < hits, np.arange(n), np.zeros(n)


@SHARES
def test_thresholds(share, verdict):
    """3.719 errors √(c (1 - c) / n) above the ceiling c, and 4 below the margin; as far as one likes the other way."""
    error = (0.9 * 0.1 / 10_000) ** 0.5
    assert at_most_bayes(*rows(round(10_000 * (0.9 + share * 3.719 * error))), 0.9, of="a").verdict == verdict
    for margin in (0.02, 0.1):
        p = 0.9 - margin
        at = lambda missed, p=p, m=margin: near_bayes(*rows(round(10_000 * (p - missed))), 0.9, margin=m, of="a")  # noqa: E731
        errors = 4 * (p * (1 - p) / 10_000) ** 0.5
        assert at(-0.001).verdict == "pass"
        assert at(share * errors).verdict == ("fail" if verdict == "fail" else "unknown")
    assert at_most_bayes(*rows(0), 0.9).verdict == near_bayes(*rows(10_000), 0.9).verdict == "pass"


def test_false_alarms_and_resolution():
    """At the ceiling 1e-4; 7 errors above it 1e-3 are missed."""
    rng, n, ceiling = np.random.default_rng(0), 1000, 0.8
    hits = lambda p, m: (at_most_bayes(*rows(k, n), ceiling) for k in rng.binomial(n, p, m))  # noqa: E731
    assert fails(hits(ceiling, 1500)) <= may_fail(1e-4, 1500)
    assert fails(hits(ceiling + 7 * (0.16 / n) ** 0.5, 500)) >= must_fail(500)


@pytest.mark.parametrize(("misses", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_not_worse_than_a_threshold_is_pinned(misses, verdict):
    """Below 3.72 errors of the difference it passes, above it fails; the planted network misses what the other hits."""
    n = 10_000
    for count in range(1, 60):  # rows that the network misses and the threshold does not
        hits = np.ones((1, n), bool)
        hits[0, :count] = False
        check = not_worse(hits, np.ones(n, bool))
        assert check.tolerance is not None
        distance = (1.0 - float(check.measured or 0)) / check.tolerance
        if (misses < 1) == (distance < 1) and abs(distance - misses) < 0.1:
            assert check.verdict == verdict
            return
    raise AssertionError("no such network")


def test_equally_good_ones_pass():
    rng = np.random.default_rng(2)
    other = rng.random(2000) < 0.9
    assert not_worse(np.stack([rng.permutation(other)] * 3), other).verdict == "pass"
