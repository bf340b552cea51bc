# SPDX-License-Identifier: Apache-2.0
"""Checks of learned motions: thresholds, friction in the data, a motion that leaves all bounds."""

import numpy as np
import pytest
from tests.checks.alarms import SHARES

from isinglass.checks.mechanics import (
    data_conserve,
    energy_does_not_drift,
    follows_motions,
    motion_errors,
    motions_suffice,
)

T = np.linspace(0.0, 6.0, 40)


@SHARES
def test_thresholds(share, verdict):
    off = np.zeros((3, 5, 2))
    off[1, :, 0] = share * 0.1 * 2**0.5 * 2.0
    assert follows_motions(motion_errors(off, np.array([2.0, 1.0])), 0.1).verdict == verdict
    energy = np.stack([np.ones(4), 1 + share * 0.02 * 3.0 * np.array([1, -1, 1, -1])])
    assert data_conserve(energy, 3.0, 0.02 / 2**0.5).verdict == verdict
    drifting = np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0 - share * 0.02]])
    assert energy_does_not_drift(drifting, 2.0, 0.01).verdict == verdict


def test_friction_is_seen_in_the_data():
    """E = E_0 exp(-γ t): 7 % lost within a motion are seen, 1 % are not."""
    lost = lambda share: np.array([[0.5], [1.5]]) * np.exp(np.log(1 - share) * T / T[-1])[None]  # noqa: E731
    assert data_conserve(lost(0.1), 1.0).verdict == "fail"
    assert data_conserve(lost(0.01), 1.0).verdict == "pass"


@pytest.mark.parametrize("planted", [np.inf, np.nan, 1e300])
def test_a_motion_that_leaves_all_bounds_fails(planted):
    off = np.zeros((2, 3, 2))
    off[0, 2, 1] = planted
    assert motion_errors(off, np.ones(2)).max() == 10
    assert follows_motions(motion_errors(off, np.ones(2)), 0.1).verdict == "fail"
    assert energy_does_not_drift(off[..., 1], 1.0, 0.1).verdict == "fail"


def test_few_windows_decide_nothing():
    assert motions_suffice(8).verdict == "pass"
    assert motions_suffice(7).verdict == "unknown"
