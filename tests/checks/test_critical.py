# SPDX-License-Identifier: Apache-2.0
"""Critical values within their tolerance, and within four honest errors."""

import numpy as np
import pytest
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.critical import critical_temperature, exponent, honest
from isinglass.result import Estimate

EXACT = 2.269185314


def test_critical_values():
    assert critical_temperature(Estimate(2.27, 0.002), EXACT, tolerance=0.005, method="x").verdict == "pass"
    assert critical_temperature(Estimate(2.29, 0.002), EXACT, tolerance=0.005, method="x").verdict == "fail"
    assert critical_temperature(Estimate(2.28, 0.002), EXACT, tolerance=0.005, method="x").verdict == "unknown"
    assert exponent(Estimate(1.05, 0.05), 1.0, tolerance=0.1).verdict == "pass"
    assert exponent(Estimate(float("nan"), None), 1.0, tolerance=0.1).verdict == "unknown"


@SHARES
def test_tolerances_of_both_sides(share, verdict):
    for sign in (1, -1):
        off = sign * share * 0.01
        T_c = critical_temperature(Estimate(EXACT + off, 1e-9), EXACT, tolerance=0.01, method="x", of="T")
        nu = exponent(Estimate(1 + off, 1e-9), 1.0, tolerance=0.01, of="nu")
        four = honest(Estimate(EXACT + 4 * off, 0.01), EXACT, largest_error=0.02, name="T_c", of="T")
        assert [T_c.verdict, nu.verdict, four.verdict] == [verdict] * 3
        assert [T_c.of, nu.of, four.of] == ["T", "nu", "T"]


@SHARES
def test_an_error_too_large_fails(share, verdict):
    assert honest(Estimate(EXACT, share * 0.005), EXACT, largest_error=0.005, name="T_c").verdict == verdict


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [(2.272, 0.002, "pass"), (2.29, 0.002, "fail"), (2.27, 0.05, "fail"), (2.27, None, "unknown")],
)
def test_honest(value, error, verdict):
    assert honest(Estimate(value, error), EXACT, largest_error=0.005, name="T_c").verdict == verdict


def test_false_alarms_and_resolution():
    """6e-5 for right, normal errors; a bias of 7 errors is missed with probability 1e-3."""
    z = np.random.default_rng(0).normal(size=4000)
    judge = lambda z: honest(Estimate(float(EXACT + 0.01 * z), 0.01), EXACT, largest_error=0.02, name="T_c")  # noqa: E731
    assert fails(map(judge, z)) <= may_fail(6e-5, 4000)
    assert fails(judge(x + 7) for x in z[:1000]) >= must_fail(1000)
