# SPDX-License-Identifier: Apache-2.0
"""Phases without an order parameter: the published verdicts, exact laws, and errors planted against both."""

import jax
import numpy as np
import pytest

from isinglass.experiments.catalogue import find
from isinglass.experiments.lattice.gauge_phases import (
    GaugePhases,
    accuracy_checks,
    ground_state_probability,
    independent_phases,
    translated,
    two_phases,
)
from isinglass.result import Estimate, Result
from isinglass.systems import IsingGauge, SquareIce

NETWORKS = ("cnn", "mlp", "exact")


def test_ground_state_probability_is_that_of_enumeration():
    """L = 2: 32 of 256 states."""
    system = IsingGauge((2, 2))
    states = np.array(np.meshgrid(*[[-1, 1]] * 8)).reshape(8, -1).T.reshape(-1, 2, 2, 2).astype(np.int8)
    E = np.asarray(jax.vmap(system.energy)(states))
    for beta in (0.3, 1.0):
        weight = np.exp(-beta * E)
        assert ground_state_probability(beta, 4) == pytest.approx(weight[E == -4].sum() / weight.sum(), rel=1e-12)


def test_translation_leaves_both_constraints(key):
    gauge, ice = IsingGauge((4, 6)), SquareIce((4, 6))
    x = np.asarray(jax.vmap(gauge.random_configuration)(jax.random.split(key, 5)))
    moved = translated(key, x, 7)
    assert moved.shape == (35, 4, 6, 2)
    assert len(np.unique(moved.reshape(7, -1), axis=0)) == 7
    for system in (gauge, ice):
        E = np.asarray(jax.vmap(system.energy)(moved)).reshape(7, 5)
        np.testing.assert_array_equal(E, np.broadcast_to(E[0], E.shape))


def test_no_chain_is_on_both_sides(key):
    phases = two_phases(np.ones((40, 2, 2, 2), np.int8), -np.ones((40, 2, 2, 2), np.int8), np.arange(40) // 5)
    assert not set(phases.chain[phases.test]) & set(phases.chain[~phases.test])
    assert phases.ordered[phases.test].mean() == 0.5


@pytest.mark.slow
def test_shuffled_labels_fail_the_check(key):
    """A network that learned nothing is right half the time: 256 rows, at most 0.5 + 4 · 0.031."""
    system = IsingGauge((4, 4))
    phases = independent_phases(key, system, 512)
    experiment = GaugePhases(size=4, members=1, translations=1, cnn_steps=500, mlp_steps=20)
    shuffled = phases._replace(ordered=np.asarray(jax.random.permutation(key, phases.ordered)))
    right, wrong = Result("right"), Result("wrong")
    experiment.tell_apart(key, phases, "gauge", right)
    experiment.tell_apart(key, shuffled, "gauge", wrong)
    other = {"gauge_accuracy/exact": Estimate(1.0, 0.0)} | {f"ice_accuracy/{n}": Estimate(1.0) for n in NETWORKS}
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
