# SPDX-License-Identifier: Apache-2.0
"""A motion that keeps its energy and follows the exact one, at every time."""

import numpy as np
from tests.checks.alarms import SHARES

from isinglass.checks.dynamics import energy_is_conserved, energy_never_rises, follows, stays_near

STEADY = np.full(20, -3.0)


@SHARES
def test_tolerances_hold_at_the_worst_time(share, verdict):
    """Relative drift 1e-3 of the scale, and 1e-2 of an observable, by default; other ones where asked."""
    for sign in (1, -1):
        one = np.eye(20)[7] * sign * share
        assert energy_is_conserved(STEADY + 3e-3 * one, 3.0).verdict == verdict
        assert energy_is_conserved(STEADY + 0.3 * one, 3.0, tolerance=0.1).verdict == verdict
        assert follows("A", STEADY + 1e-2 * one, STEADY).verdict == verdict
        assert follows("A", STEADY + 0.5 * one, STEADY, tolerance=0.5).verdict == verdict


@SHARES
def test_a_rise_in_imaginary_time_is_seen(share, verdict):
    """1e-3 of the scale from one time to the next, by default; a fall is right however large."""
    step = np.arange(20) > 7
    assert energy_never_rises(STEADY + 3e-3 * share * step, 3.0).verdict == verdict
    assert energy_never_rises(STEADY + 0.3 * share * step, 3.0, tolerance=0.1).verdict == verdict
    assert energy_never_rises(STEADY - 2.0 * share * step, 3.0).verdict == "pass"


def test_no_constant_in_the_energy_changes_a_verdict():
    """A drift of 1.1 % fails beside an energy of 0 and of 1000; dividing by |E(0)| would pass the latter."""
    drift = 0.033 * np.linspace(0, 1, 20)
    for constant in (0.0, 1000.0):
        assert energy_is_conserved(drift + constant, 3.0, 1e-2).verdict == "fail"
        assert energy_never_rises(30 * drift + constant, 3.0, 1e-2).verdict == "fail"


def test_a_state_is_near_the_exact_one_or_it_is_not_known():
    """0.9 of the tolerance passes, 1.1 is unknown: a bound refutes nothing."""
    at = lambda share: stays_near(np.array([0.0, share * 2e-3]), 2e-3)  # noqa: E731
    assert (at(0.9).verdict, at(1.1).verdict, at(np.inf).verdict) == ("pass", "unknown", "unknown")
    assert "would decide" in at(1.1).law


def test_what_is_no_number_proves_nothing():
    for law in (energy_is_conserved, energy_never_rises):
        assert law(np.array([1.0, np.nan]), 1.0).verdict == "unknown"
