# SPDX-License-Identifier: Apache-2.0
"""Energies that a state can have; planted: too low, too high, and a small variance with the wrong energy."""

import numpy as np
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.variational import variance_tells, variational_principle, within_relative
from isinglass.result import Estimate

E_0 = -10.0


@SHARES
def test_no_state_lies_below(share, verdict):
    """4 errors below, or 1e-9 of |E_0| where there is none; however far above."""
    assert variational_principle(Estimate(E_0 - share * 4 * 0.1, 0.1), E_0).verdict == verdict
    assert variational_principle(Estimate(E_0 - share * 1e-8), E_0).verdict == verdict
    assert variational_principle(Estimate(E_0 + 1e6, 0.1), E_0, of="E").verdict == "pass"


@SHARES
def test_a_claimed_precision(share, verdict):
    assert within_relative(Estimate(E_0 + share * 0.01 * 10, 0.1), E_0, 0.01).verdict == verdict
    assert within_relative(Estimate(float("nan")), E_0, 0.01).verdict == "unknown"
    assert within_relative(Estimate(E_0, 0.1), E_0, 0.01).error == 0.01


@SHARES
def test_a_small_variance_names_the_level(share, verdict):
    """4 √Var H + 4 errors + 1e-6 |E_0|: each of them alone."""
    for variance, error, bound in ((0.25, 0.0, 2.0), (0.0, 0.1, 0.4), (0.0, 0.0, 0.0)):
        energy = Estimate(E_0 + share * (bound + 1e-5), error)
        assert variance_tells(energy, Estimate(variance), E_0).verdict == verdict


def test_only_a_state_far_from_the_ground_state_fails():
    """Two levels, E_0 and E_0 + 1: weight 1/17 of the ground state is just enough, ⟨H⟩ - E_0 = 4 √Var H (Cantelli)."""
    for weight, verdict in ((0.9 / 17, "fail"), (1.1 / 17, "pass")):
        excess, variance = 1 - weight, weight * (1 - weight)
        assert variance_tells(Estimate(E_0 + excess), Estimate(variance), E_0).verdict == verdict


def test_false_alarms_and_resolution():
    """At E_0 itself 3e-5; an energy 7 errors too low is missed with probability 1e-3."""
    z = np.random.default_rng(0).normal(size=4000)
    judge = lambda z: variational_principle(Estimate(float(E_0 + 0.1 * z), 0.1), E_0)  # noqa: E731
    assert fails(map(judge, z)) <= may_fail(6e-5, 4000)
    assert fails(judge(x - 7) for x in z[:1000]) >= must_fail(1000)
