# SPDX-License-Identifier: Apache-2.0
"""Energies that a state can have; planted: too low, too high, and a small variance with the wrong energy."""

import math

import numpy as np
import pytest
from tests.checks.alarms import SHARES, fails, may_fail, must_fail

from isinglass.checks.variational import (
    energy_scale,
    lower_states,
    optimization_ended,
    proposals_accepted,
    runs_agree,
    small_v_score,
    variance_tells,
    variational_principle,
    within_relative,
    zero_variance,
)
from isinglass.result import Estimate

E_0 = -10.0


@SHARES
def test_no_state_lies_below(share, verdict):
    """4 errors below it is open, 8 below refuted; or 1e-9 of |E_0| where there is none; however far above."""
    four, eight = (variational_principle(Estimate(E_0 - share * n * 0.1, 0.1), E_0).verdict for n in (4, 8))
    assert four == verdict.replace("fail", "unknown")
    assert eight == verdict.replace("pass", "unknown")
    assert variational_principle(Estimate(E_0 - share * 1e-8), E_0).verdict == verdict
    assert variational_principle(Estimate(-share * 1e-8), 0.0, infinite=10.0).verdict == verdict  # E_0 = 0, or nearly
    assert variational_principle(Estimate(E_0 + 1e6, 0.1), E_0, of="E").verdict == "pass"


TOLD = pytest.mark.parametrize(
    ("side", "share", "verdict"),
    [(-1, 1.1, "pass"), (-1, 0.9, "unknown"), (1, 0.9, "unknown"), (1, 1.1, "fail")],  # of 4 errors beside the bound
)


@TOLD
def test_a_claimed_precision(side, share, verdict):
    """1 % of a scale: 4 errors below it is shown, 4 above refuted; no error or none that is finite shows nothing."""
    excess = 0.01 * 10 + side * share * 4 * 0.01
    found = within_relative(Estimate(E_0 + excess, 0.01), E_0, 0.01)
    assert found.verdict == verdict
    assert found.error == pytest.approx(1e-3)
    assert within_relative(Estimate(E_0 + 3 * excess, 0.03), E_0, 0.01, scale=30.0).verdict == verdict
    assert within_relative(Estimate(float("nan"), 0.1), E_0, 0.01).verdict == "unknown"
    assert within_relative(Estimate(E_0), E_0, 0.01).verdict == "unknown"
    assert within_relative(Estimate(E_0, 0.0), E_0, 0.01).verdict == "pass"


def test_no_constant_makes_an_error_small():
    """The smaller of |E_0| and E_∞ - E_0; planted: |E_0| alone calls two units beside a thousand a small error."""
    assert energy_scale(-10.0, 0.0) == energy_scale(990.0, 1000.0) == 10.0
    assert energy_scale(-1.0, 12.0) == 1.0  # a repulsion lifts E_∞
    assert energy_scale(0.0, 7.0) == pytest.approx(energy_scale(1e-12, 7.0)) == 7.0  # projectors
    bad = Estimate(990.0 + 0.5, 0.001)
    assert within_relative(bad, 990.0, 1e-3, scale=energy_scale(990.0, 1000.0)).verdict == "fail"
    assert within_relative(bad, 990.0, 1e-3).verdict == "pass"


@TOLD
def test_a_v_score_shows_or_leaves_open(side, share, verdict):
    """1 % accuracy, error 4 % of the variance: never refuted by it; planted: an energy above that of no order."""
    score, verdict = 0.01 / (1 - side * share * 4 * 0.04), "unknown" if verdict == "fail" else verdict
    assert small_v_score(score, Estimate(1.0, 0.04), E_0, 0.0, 0.01).verdict == verdict
    assert small_v_score(0.0, Estimate(0.0, 0.0), 3.0, 0.0, 0.01).verdict == "fail"
    assert small_v_score(math.inf, Estimate(1.0, 0.0), 0.0, 0.0, 0.01).verdict == "fail"


@SHARES
def test_an_optimization_that_goes_on(share, verdict):
    """A fall of 1 % from the third to the last quarter; few steps, such as two, cannot tell."""
    history = E_0 * np.repeat([0.0, 0.5, 1 - share * 0.01, 1.0], 100)
    assert optimization_ended(history, 10.0, 0.01).verdict == ("unknown" if verdict == "fail" else "pass")
    assert optimization_ended(history[-39:], 10.0, 0.01).verdict == "unknown"
    assert optimization_ended(history[-40:], 10.0, 0.01).verdict == "pass"
    noisy = np.random.default_rng(0).normal(E_0, 3.0, 400)  # scatter of 0.3 of the scale: not told
    assert optimization_ended(noisy, 10.0, 0.01).verdict == "unknown"


@TOLD
def test_a_lower_state_refutes(side, share, verdict):
    """Another energy that lies lower by 1 %; errors of both add in squares."""
    other = Estimate(E_0 - 0.1 - side * share * 4 * 0.01, 0.008)
    assert lower_states(Estimate(E_0, 0.006), other, 0.01, 10.0, what="another").verdict == verdict
    assert runs_agree(Estimate(E_0, 0.006), other, 0.01, 10.0).verdict == verdict


@SHARES
def test_an_extrapolated_energy_refutes_nothing(share, verdict):
    """A bound of 1 % less 2 of its errors."""
    other = Estimate(E_0 - 0.1 + 2 * 0.01 * (2 - share), 0.01)
    found = lower_states(Estimate(E_0, 0.0), other, 0.01, 10.0, what="the line", bound=False)
    assert found.verdict == ("unknown" if verdict == "fail" else "pass")
    low = Estimate(E_0 - 1.0, 0.01)
    verdicts = [lower_states(Estimate(E_0, 0.0), low, 0.01, 10.0, what="it", bound=b).verdict for b in (False, True)]
    assert verdicts == ["unknown", "fail"]


@SHARES
def test_runs_that_end_elsewhere(share, verdict):
    """A run that ends higher by 3 accuracies shows that the end depends on the seed; without one nothing is shown."""
    verdict = "unknown" if verdict == "fail" else verdict
    assert runs_agree(Estimate(E_0, 0.0), Estimate(E_0 + share * 0.3, 0.0), 0.01, 10.0).verdict == verdict
    assert runs_agree(Estimate(E_0, 0.0), None, 0.01, 10.0).verdict == "unknown"


@SHARES
def test_an_energy_at_zero_variance_beside_the_exact_one(share, verdict):
    """The stated accuracy on both sides, whatever its error; it refutes nothing."""
    for side in (-1, 1):
        found = zero_variance(Estimate(E_0 + side * share * 0.1, 1e-6), E_0, 0.1, of="E")
        assert (found.verdict, found.error) == ("unknown" if verdict == "fail" else "pass", 1e-6)


def test_frozen_chains():
    """0.9 and 1.1 of an acceptance of 1 in 1000; an eigenstate may rest."""
    for share, verdict in ((0.9, "unknown"), (1.1, "pass")):
        assert proposals_accepted(share * 1e-3, Estimate(1.0), 10.0).verdict == verdict
    assert proposals_accepted(0.0, Estimate(0.9e-10), 10.0).verdict == "pass"
    assert proposals_accepted(0.0, Estimate(1.1e-10), 10.0).verdict == "unknown"


@SHARES
def test_a_small_variance_names_the_level(share, verdict):
    """4 √Var H + 4 errors + 1e-6 |E_0|: each of them alone."""
    for variance, error, bound in ((0.25, 0.0, 2.0), (0.0, 0.1, 0.4), (0.0, 0.0, 0.0)):
        energy = Estimate(E_0 + share * (bound + 1e-5), error)
        assert variance_tells(energy, Estimate(variance), E_0).verdict == verdict


def test_an_excess_within_the_accuracy_is_no_trap():
    """A level without variance, 0.9 and 1.1 of the stated accuracy above."""
    for share, verdict in ((0.9, "pass"), (1.1, "fail")):
        assert variance_tells(Estimate(E_0 + share * 0.1, 0.0), Estimate(0.0), E_0, 0.1).verdict == verdict


def test_only_a_state_far_from_the_ground_state_fails():
    """Two levels, E_0 and E_0 + 1: weight 1/17 of the ground state is just enough, ⟨H⟩ - E_0 = 4 √Var H (Cantelli)."""
    for weight, verdict in ((0.9 / 17, "fail"), (1.1 / 17, "pass")):
        excess, variance = 1 - weight, weight * (1 - weight)
        assert variance_tells(Estimate(E_0 + excess), Estimate(variance), E_0).verdict == verdict


def test_false_alarms_and_resolution():
    """At E_0 itself 6e-5; an energy 11 errors too low is missed with probability 1e-3."""
    z = np.random.default_rng(0).normal(size=4000)
    judge = lambda z: variational_principle(Estimate(float(E_0 + 0.1 * z), 0.1), E_0)  # noqa: E731
    assert fails(map(judge, z)) <= may_fail(6e-5, 4000)
    assert fails(judge(x - 11) for x in z[:1000]) >= must_fail(1000)
