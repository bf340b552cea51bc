# SPDX-License-Identifier: Apache-2.0
"""Spikes, students, capacities, committees: claims with few samples; wrong theories and bad requests are seen."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.experiments import claims

from isinglass.errors import InputError
from isinglass.exact.learning import committee, empirical_risk, perceptron, random_matrix, scalar_prior, spiked_matrix
from isinglass.exact.learning.scalar_prior import SparseSigns
from isinglass.experiments.learning.committee_ensemble import follow, with_overlaps
from isinglass.experiments.learning.committee_machine import CommitteeMachine
from isinglass.experiments.learning.perceptron_capacity import PerceptronCapacity, half_load, solutions
from isinglass.experiments.learning.spiked_ensemble import spiked_samples
from isinglass.experiments.learning.spiked_matrix import SpikedMatrix
from isinglass.experiments.learning.teacher_student import TeacherStudent

ALL = [SpikedMatrix, TeacherStudent, PerceptronCapacity, CommitteeMachine]


def names(experiment):
    return experiment.name


@pytest.mark.slow
@pytest.mark.parametrize("experiment", ALL, ids=names)
def test_the_claims_hold(experiment):
    claims.hold(experiment)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("experiment", "where", "name", "wrong"),
    [
        (SpikedMatrix, spiked_matrix, "state_evolution", lambda of: lambda *a: 0.7 * of(*a)),
        (SpikedMatrix, random_matrix, "wigner_spike", lambda of: lambda lam: of(1.15 * lam)),
        (TeacherStudent, empirical_risk, "hebb_error", lambda of: lambda alpha: of(1.5 * alpha)),
        (PerceptronCapacity, perceptron, "largest_margin", lambda of: lambda alpha: of(0.8 * alpha)),
        (CommitteeMachine, committee, "four", lambda of: lambda *a: 0.5 * of(*a)),
    ],
    ids=["state evolution", "transition", "Hebb", "Gardner", "noise"],
)
def test_a_theory_with_a_wrong_factor_is_refuted(monkeypatch, experiment, where, name, wrong):
    claims.refuted(monkeypatch, experiment, where, name, wrong)


@pytest.mark.parametrize(
    ("experiment", "settings", "message"),
    [
        (SpikedMatrix, {"sizes": (500,)}, "two sizes or more"),
        (SpikedMatrix, {"strengths": (1.02,)}, "strengths off 1"),
        (SpikedMatrix, {"covariances": ((1.0, 0.9),)}, "spikes ℓ above"),
        (SpikedMatrix, {"density": 1.0}, "a density between"),
        (TeacherStudent, {"binary_alphas": (1.25,)}, "binary_alphas off"),
        (TeacherStudent, {"sizes": (100,)}, "two sizes or more"),
        (PerceptronCapacity, {"binary_sizes": (11, 40)}, "all 2\\^N weights"),
        (PerceptronCapacity, {"margin_alphas": (1.9,)}, "margins at α"),
        (PerceptronCapacity, {"binary_alphas": (0.9,)}, "beyond 0.833"),
        (CommitteeMachine, {"first_overlap": 0.8}, "a first overlap"),
        (CommitteeMachine, {"samples": 1}, "two samples or more"),
    ],
)
def test_requests_that_theory_does_not_hold_for(experiment, settings, message):
    with pytest.raises(InputError, match=message):
        experiment(**settings).run(jax.random.key(0))


def test_machines_begin_with_the_overlaps_asked_for():
    R, Q = jnp.array([[0.2, 0.1], [0.0, 0.3]]), jnp.array([[0.5, 0.1], [0.1, 0.4]])
    J = with_overlaps(jax.random.key(0), 30, R, jnp.linalg.cholesky(Q - R @ R.T))
    np.testing.assert_allclose(J @ J.T / 30, Q, atol=1e-12)
    np.testing.assert_allclose(J[:, :2] / 30**0.5, R, atol=1e-12)


def test_machines_that_know_stay():
    """R = T = 1 but for a rest that is not there: the error and so the steps are 0."""
    unit = jnp.eye(2)
    near = follow(jax.random.split(jax.random.key(0), 2), 20, unit, 1e-6 * unit, 1.0, 2, 10)
    np.testing.assert_allclose(near.R, np.broadcast_to(np.eye(2), near.R.shape), atol=1e-5)


def test_binary_solutions_are_counted():
    """By a loop over all weights, on the points that the program drew."""
    keys = jax.random.split(jax.random.key(3), 2)
    found = np.asarray(solutions(keys, 5, 4))
    weights = np.array(np.meshgrid(*[(-1, 1)] * 5)).reshape(5, -1).T
    for key, counts in zip(keys, found, strict=True):
        x = np.asarray(jax.random.normal(key, (4, 5), jnp.float32))
        good = weights @ x.T > 0
        np.testing.assert_array_equal(counts, [good[:, : k + 1].all(axis=1).sum() for k in range(4)])


def test_half_of_the_samples():
    count = np.array([[3, 1, 0, 0]] * 5 + [[4, 2, 1, 0]] * 5)
    assert 2 / 4 <= half_load(count, 4).value <= 3 / 4
    assert half_load(np.array([[1, 1, 1, 0]] * 10), 4).value == pytest.approx(0.75 + 0.125)


def test_spikes_of_batches_are_those_of_one():
    keys = jax.random.split(jax.random.key(2), 3)
    all_three = spiked_samples(keys, 100, 2.0, SparseSigns(), 2)
    one = spiked_samples(keys[1:2], 100, 2.0, SparseSigns(), 2)
    np.testing.assert_allclose(all_three.passed[1], one.passed[0], rtol=1e-9)
    assert scalar_prior.SparseSigns().rho == 1.0
