# SPDX-License-Identifier: Apache-2.0
"""Critical values within their tolerance, and within four honest errors."""

import numpy as np
import pytest
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.critical import (
    collapsed,
    critical_fluctuations,
    critical_temperature,
    exponent,
    honest,
    hyperscaling,
    known_class,
    no_mean,
    one_class,
    spontaneous,
    within_range,
)
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
def test_an_error_too_large_tells_nothing(share, verdict):
    found = honest(Estimate(EXACT, share * 0.005), EXACT, largest_error=0.005, name="T_c").verdict
    assert found == verdict.replace("fail", "unknown")


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [(2.272, 0.002, "pass"), (2.29, 0.002, "fail"), (2.27, 0.05, "unknown"), (2.27, None, "unknown")],
)
def test_honest(value, error, verdict):
    assert honest(Estimate(value, error), EXACT, largest_error=0.005, name="T_c").verdict == verdict


def test_false_alarms_and_resolution():
    """6e-5 for right, normal errors; a bias of 7 errors is missed with probability 1e-3."""
    z = np.random.default_rng(0).normal(size=4000)
    judge = lambda z: honest(Estimate(float(EXACT + 0.01 * z), 0.01), EXACT, largest_error=0.02, name="T_c")  # noqa: E731
    assert fails(map(judge, z)) <= may_fail(6e-5, 4000)
    assert fails(judge(x + 7) for x in z[:1000]) >= must_fail(1000)


def test_a_mean_without_order_is_refuted():
    """Planted: half of <m²> is the square of a mean.  Threshold: 0.05 and four errors."""
    assert no_mean(Estimate(0.5, 0.03)).verdict == "fail"
    assert no_mean(Estimate(0.05 + 3.9 * 0.02, 0.02)).verdict == "pass"
    assert no_mean(Estimate(0.05 + 4.1 * 0.02, 0.02)).verdict == "fail"
    assert no_mean(Estimate(0.0, 0.06)).verdict == "unknown"
    assert no_mean(Estimate(float("nan"))).verdict == "unknown"


def test_independent_sites_are_not_critical():
    """Planted: S(Q+k)/S(Q+2k) = 1.  Threshold: a fifth and four errors."""
    assert critical_fluctuations(Estimate(1.0, 0.1), 2.9).verdict == "unknown"
    assert critical_fluctuations(Estimate(2.9 * 0.8 - 3.9 * 0.1, 0.1), 2.9).verdict == "pass"
    assert critical_fluctuations(Estimate(2.9 * 0.8 - 4.1 * 0.1, 0.1), 2.9).verdict == "unknown"
    assert critical_fluctuations(Estimate(2.9, 0.5), 2.9).verdict == "unknown"


def test_a_normal_law_is_no_order():
    """Planted: <m⁴>/<m²>² = 3 on both sides."""
    critical, normal = Estimate(1.168), Estimate(3.0)
    planted = spontaneous(Estimate(3.0, 0.1), Estimate(3.0, 0.1), critical, normal)
    assert [c.verdict for c in planted] == ["unknown", "pass"]
    right = spontaneous(Estimate(1.01, 0.01), Estimate(2.8, 0.1), critical, normal)
    assert {c.verdict for c in right} == {"pass"}


def test_two_readings_that_differ_are_no_class():
    assert one_class(Estimate(0.029, 0.01)).verdict == "pass"
    assert one_class(Estimate(0.031, 0.01)).verdict == "unknown"
    assert one_class(Estimate(0.0)).verdict == "unknown"


def test_edges_groups_and_classes():
    assert [c.verdict for c in within_range(3, 3)] == ["pass", "pass"]
    assert [c.verdict for c in within_range(2, 1)] == ["unknown", "unknown"]
    assert known_class("Ising, 2D", "periodic").verdict == "pass"
    assert known_class("Ising, 2D", "unknown").verdict == "unknown"
    assert known_class("", "periodic").verdict == "unknown"


def test_collapse_and_hyperscaling():
    assert collapsed(29, 10, "ising").verdict == "pass"
    assert collapsed(31, 10, "ising").verdict == "unknown"
    assert collapsed(5, 10, "xy").verdict == "unknown"  # planar spins have no power laws in T - T_c
    assert hyperscaling(Estimate(2.1, 0.05), 2).verdict == "pass"
    assert hyperscaling(Estimate(2.5, 0.05), 2).verdict == "unknown"
    assert hyperscaling(Estimate(2.0, 0.5), 2).verdict == "unknown"
