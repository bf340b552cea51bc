# SPDX-License-Identifier: Apache-2.0
"""Coverage of error bars; planted: errors too small, too large, a bias."""

import numpy as np
import pytest
from scipy.stats import binom
from tests.checks.alarms import SHARES

from isinglass.checks.calibration import coverage

EXACT = 2.269185314


@pytest.mark.parametrize(
    ("factor", "bias", "verdict"), [(1, 0, "pass"), (0.5, 0, "fail"), (2.5, 0, "fail"), (1, 2, "fail")]
)
def test_coverage(factor, bias, verdict):
    """100 normal draws; false alarm 1e-4."""
    values = EXACT + 0.01 * (np.random.default_rng(3).normal(size=100) + bias)
    assert coverage(values, np.full(100, 0.01 * factor), EXACT).verdict == verdict


def test_two_errors():
    values = np.random.default_rng(4).normal(size=200)
    assert coverage(values, np.ones(200), 0.0, sigmas=2).verdict == "pass"
    assert coverage(values, 0.6 * np.ones(200), 0.0, sigmas=2).verdict == "fail"


def judged(hits, n, sigmas):
    """`hits` of n values lie within their errors."""
    values = np.where(np.arange(n) < hits, 0.0, sigmas + 1.0)
    return coverage(values, np.ones(n), 0.0, sigmas=sigmas)


@SHARES
@pytest.mark.parametrize(("sigmas", "p"), [(1, 0.6827), (2, 0.9545)])
def test_tolerance_is_that_of_the_binomial_law(sigmas, p, share, verdict):
    """3.9 standard deviations √(p (1 - p) / n) either way: 1e-4 for both sides together."""
    n = 10_000
    for sign in (1, -1):
        off = sign * share * 3.89 * (p * (1 - p) / n) ** 0.5
        assert judged(round(n * (p + off)), n, sigmas).verdict == verdict


@pytest.mark.parametrize(("sigmas", "p"), [(1, 0.6827), (2, 0.9545)])
def test_false_alarms(sigmas, p):
    """Summed over all numbers of hits of 100, exactly: at most 1e-4, and not much less than it could be."""
    n = 100
    passes = np.array([judged(k, n, sigmas).verdict == "pass" for k in range(n + 1)])
    alarm = binom.pmf(np.arange(n + 1), n, p)[~passes].sum()
    assert 1e-6 < alarm <= 1e-4
