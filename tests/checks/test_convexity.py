# SPDX-License-Identifier: Apache-2.0
"""ln Z of a spin in a field, ln 2 cosh h: its slope tanh h rises; planted: a node that has not equilibrated."""

import numpy as np
import pytest

from isinglass.checks.convexity import SIGMAS, convex_log_z


def slopes(noise, off=0.0):
    """tanh h at five fields, of 64 chains."""
    exact = np.tanh(np.linspace(0, 1, 5))[:, None] + noise * np.random.default_rng(0).normal(size=(5, 64))
    exact[2] += off
    return exact


def test_slope_of_a_spin_in_a_field_rises():
    assert convex_log_z(slopes(0.1)).verdict == "pass"
    assert convex_log_z(slopes(0.1, off=0.6)).verdict == "fail"
    assert convex_log_z(slopes(0.1)[:, :1]).verdict == "unknown"


@pytest.mark.parametrize(("share", "verdict"), [(0.9, "pass"), (1.1, "fail")])
def test_the_threshold(share, verdict):
    """A fall of `share` times 4.5 joint errors."""
    ends = np.array([-1.0, 1.0] * 32)  # standard error 1/√63 of each node
    fall = share * SIGMAS * np.sqrt(2 / 63)
    assert convex_log_z(np.stack([ends, ends - fall])).verdict == verdict
