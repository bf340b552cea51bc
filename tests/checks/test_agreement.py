# SPDX-License-Identifier: Apache-2.0
"""Methods that agree and methods that do not."""

import numpy as np
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.agreement import agreement
from isinglass.result import Estimate


def readings(values, errors):
    """The readings, their check against the mean with weights 1/σ²."""
    weight = 1 / errors**2
    combined = Estimate(float(np.average(values, weights=weight)), float(weight.sum() ** -0.5))
    named = {f"T_c/{i}": Estimate(float(v), float(e)) for i, (v, e) in enumerate(zip(values, errors, strict=True))}
    return agreement(named, combined, name="T_c")


@SHARES
def test_four_errors(share, verdict):
    combined = Estimate(2.0, 0.01)
    for sign in (1, -1):
        found = {"a": Estimate(2.0, 0.1), "b": Estimate(2.0 + sign * share * 4 * 0.05, 0.05)}
        assert agreement(found, combined, name="T_c").verdict == verdict


def test_false_alarms_and_resolution():
    """Three readings, 6e-5 each; planted: one that is off by 7 of its errors, seen by a mean that others hold."""
    rng, errors = np.random.default_rng(0), np.array([0.02, 0.1, 0.1])
    drawn = 2 + errors * rng.normal(size=(2000, 3))
    assert fails(readings(x, errors) for x in drawn) <= may_fail(3 * 6e-5, 2000)
    off = drawn[:500] + np.array([0, 0, 0.7 + 4 * 0.02])
    assert fails(readings(x, errors) for x in off) >= must_fail(500, 2e-3)


def test_one_reading_agrees_with_nobody():
    one, two = Estimate(2.0, 0.1), Estimate(2.0, None)
    assert agreement({"a": one, "b": two}, one, name="T_c").verdict == "unknown"
