# SPDX-License-Identifier: Apache-2.0
"""Probabilities of models from Bayes factors that are given, and their errors."""

import jax
import numpy as np
import pytest

from isinglass.inference import detection
from isinglass.result import Result
from isinglass.tasks.posterior.model_odds import ModelOdds
from isinglass.tasks.posterior.simulated_models import log_factor

LOG_Z, ERROR = np.array([-3.0, -1.0, -1.5]), np.array([0.1, 0.2, 0.05])
WEIGHTS = np.array([0.5, 0.1, 0.4])


def odds(log_z=LOG_Z, error=ERROR, weights=WEIGHTS):
    variance = (error[:, None] ** 2 + error**2) * (1 - np.eye(3))
    return ModelOdds(("a", "b", "c"), log_z[:, None] - log_z, variance**0.5, weights, of_each=error)


def probabilities(log_z, weights=WEIGHTS):
    p = np.exp(log_z) * weights
    return p / p.sum(axis=-1, keepdims=True)


def test_probabilities_are_those_of_bayes():
    np.testing.assert_allclose(odds().probability, probabilities(LOG_Z), rtol=1e-12)
    assert odds().names[odds().best] == "c"
    assert odds().names[odds().second] == "b"
    assert odds().estimates()["log_bayes_factor"].value == pytest.approx(-0.5)
    assert odds(weights=np.full(3, 1 / 3)).names[odds(weights=np.full(3, 1 / 3)).best] == "b"


def test_errors_are_those_of_many_draws():
    """Of evidences to 4 %; P(1 - P) δ ln B of a pair."""
    drawn = probabilities(LOG_Z + 0.1 * ERROR * np.random.default_rng(0).normal(size=(20_000, 3))).std(axis=0)
    np.testing.assert_allclose(odds(error=0.1 * ERROR).probability_error, drawn, rtol=0.04)
    two = ModelOdds(
        ("a", "b"), np.array([[0.0, 1.0], [-1.0, 0.0]]), np.array([[0.0, 0.1], [0.1, 0.0]]), np.full(2, 0.5)
    )
    np.testing.assert_allclose(two.probability_error, 0.1 * two.probability.prod())


def test_an_error_of_one_row_at_least():
    certain = ModelOdds(
        ("a", "b"), np.array([[0.0, 50.0], [-50.0, 0.0]]), np.zeros((2, 2)), np.full(2, 0.5), least=1e-3
    )
    np.testing.assert_allclose(certain.probability_error, 1e-3)
    assert certain.probability[0] == pytest.approx(1.0)


def test_how_many_rows_there_are_of_each_does_not_count():
    """Of an untrained network with offset ln 3 among three times as many rows: ln B is that of its score alone."""
    x = np.random.default_rng(0).normal(size=(100, 2))
    detector = detection.make_detector(jax.random.key(0), x, "mlp", (4,), (4,))
    told = Result("detection", models={"detector": detector})
    plain = log_factor(told, np.zeros(2), 1.0)
    assert log_factor(told, np.zeros(2), 3.0) == pytest.approx(plain - np.log(3.0))
