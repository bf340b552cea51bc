# SPDX-License-Identifier: Apache-2.0
"""Phases without an order parameter: the published verdicts, exact laws, and errors planted against both."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from isinglass.experiments.catalogue import find
from isinglass.experiments.lattice.gauge_phases import (
    GaugePhases,
    accuracy_checks,
    ground_state_probability,
    independent_phases,
    two_phases,
)
from isinglass.result import Estimate, Result
from isinglass.systems import IsingGauge

NETWORKS = ("cnn", "mlp", "exact")


def test_ground_state_probability_is_that_of_enumeration():
    """L = 2: 32 of 256 states."""
    system = IsingGauge((2, 2))
    states = np.array(np.meshgrid(*[[-1, 1]] * 8)).reshape(8, -1).T.reshape(-1, 2, 2, 2).astype(np.int8)
    E = np.asarray(jax.vmap(system.energy)(states))
    for beta in (0.3, 1.0):
        weight = np.exp(-beta * E)
        assert ground_state_probability(beta, 4) == pytest.approx(weight[E == -4].sum() / weight.sum(), rel=1e-12)


def test_as_many_of_both_phases_are_held_out(key):
    phases = two_phases(np.ones((40, 2, 2, 2), np.int8), -np.ones((40, 2, 2, 2), np.int8), np.arange(40) // 5)
    test = phases.chain % 4 == 0
    assert set(phases.parameter) == {0.0, np.inf}
    assert (phases.parameter[test] == 0).mean() == 0.5


@pytest.mark.slow
def test_shuffled_labels_fail_the_check(key):
    """A network that learned nothing is right half the time: 256 rows, at most 0.5 + 4 · 0.031."""
    system = IsingGauge((4, 4))
    phases = independent_phases(key, system, 512)
    experiment = GaugePhases(size=4, members=1, translations=1, cnn_steps=500, mlp_steps=20)
    shuffled = replace(phases, parameter=np.asarray(jax.random.permutation(key, phases.parameter)))
    right, wrong = Result("right"), Result("wrong")
    rule = jax.vmap(lambda x: (system.plaquette(x) == 1).all())
    experiment.classify(key, "gauge", phases, rule, right)
    experiment.classify(key, "gauge", shuffled, rule, wrong)
    other = {f"ice_accuracy/{n}": Estimate(1.0) for n in NETWORKS}
    assert accuracy_checks(right.estimates | other)[0].verdict == "pass"
    found = accuracy_checks(wrong.estimates | other)[0]
    assert found.verdict == "fail"
    assert abs(found.measured - 0.5) < 0.13


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_smoke_preset_holds_its_claims(seed):
    result = find("gauge-phases").preset("smoke").run(jax.random.key(seed))
    assert result.verdict == "pass", str(result)
    assert result.plot().keys() == set(result.figures)
