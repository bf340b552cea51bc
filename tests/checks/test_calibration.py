# SPDX-License-Identifier: Apache-2.0
"""Coverage of error bars and distance from exact values; planted: errors too small, too large, a bias."""

import numpy as np
import pytest

from isinglass.checks.calibration import coverage
from isinglass.checks.critical import critical_temperature, exponent, honest
from isinglass.result import Estimate

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


def test_critical_values():
    assert critical_temperature(Estimate(2.27, 0.002), EXACT, tolerance=0.005, method="x").verdict == "pass"
    assert critical_temperature(Estimate(2.28, 0.002), EXACT, tolerance=0.005, method="x").verdict == "fail"
    assert exponent(Estimate(1.05, 0.05), 1.0, tolerance=0.1).verdict == "pass"
    assert exponent(Estimate(float("nan"), None), 1.0, tolerance=0.1).verdict == "unknown"


@pytest.mark.parametrize(
    ("value", "error", "verdict"),
    [(2.272, 0.002, "pass"), (2.29, 0.002, "fail"), (2.27, 0.05, "fail"), (2.27, None, "unknown")],
)
def test_honest(value, error, verdict):
    assert honest(Estimate(value, error), EXACT, largest_error=0.005, name="T_c").verdict == verdict
