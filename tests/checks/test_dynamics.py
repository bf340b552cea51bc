# SPDX-License-Identifier: Apache-2.0
"""A motion that keeps its energy and follows the exact one, at every time."""

import numpy as np
from tests.checks.alarms import SHARES

from isinglass.checks.dynamics import energy_is_conserved, energy_never_rises, follows

STEADY = np.full(20, -3.0)


@SHARES
def test_tolerances_hold_at_the_worst_time(share, verdict):
    """Relative drift 1e-3 of |E(0)|, and 1e-2 of an observable, by default; other ones where asked."""
    for sign in (1, -1):
        one = np.eye(20)[7] * sign * share
        assert energy_is_conserved(STEADY + 3e-3 * one).verdict == verdict
        assert energy_is_conserved(STEADY + 0.3 * one, tolerance=0.1).verdict == verdict
        assert follows("A", STEADY + 1e-2 * one, STEADY).verdict == verdict
        assert follows("A", STEADY + 0.5 * one, STEADY, tolerance=0.5).verdict == verdict


@SHARES
def test_a_rise_in_imaginary_time_is_seen(share, verdict):
    """1e-3 of |E(0)| from one time to the next, by default; a fall is right however large."""
    step = np.arange(20) > 7
    assert energy_never_rises(STEADY + 3e-3 * share * step).verdict == verdict
    assert energy_never_rises(STEADY + 0.3 * share * step, tolerance=0.1).verdict == verdict
    assert energy_never_rises(STEADY - 2.0 * share * step).verdict == "pass"


def test_what_is_no_number_proves_nothing():
    for law in (energy_is_conserved, energy_never_rises):
        assert law(np.array([1.0, np.nan])).verdict == "unknown"
