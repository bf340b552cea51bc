# SPDX-License-Identifier: Apache-2.0
"""Probabilities of models from Bayes factors that are given, and their errors."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.inference import detection
from isinglass.result import Result
from isinglass.run.progress import silent
from isinglass.tasks.model_choice.infer_model import InferModel
from isinglass.tasks.model_choice.model_odds import ModelOdds
from isinglass.tasks.model_choice.simulated_models import SimulatedModels, log_factor

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


def networks(x, number=3):
    """Untrained networks, whose odds differ by a known shift."""
    detector = detection.make_detector(jax.random.key(0), x, "mlp", (4,), (4,))
    shifted = [replace(detector, slope=jnp.asarray(20.0), offset=jnp.asarray(0.1 * i)) for i in range(number)]
    return [Result("detection", models={"detector": of}) for of in shifted]


def test_how_many_rows_there_are_of_each_does_not_count():
    """Three times as many rows of a: ln B is that of the score alone, less ln 3."""
    x = np.random.default_rng(0).normal(size=(300, 2))
    told = networks(x)
    plain = log_factor(told, np.zeros(2), x, x)[0]
    assert log_factor(told, np.zeros(2), x, x[:100])[0] == pytest.approx(plain - np.log(3.0))


def test_error_of_scatter_and_of_few_simulations():
    """Offsets 0, 0.1, 0.2: deviation 0.1, by Student's law of two degrees of freedom 0.132; and 1/√n."""
    x = np.random.default_rng(0).normal(size=(40_000, 2))
    told = networks(x)
    value, error = log_factor(told, np.zeros(2), x, x)
    plain = 20 * detection.detector_logits(told[0].models["detector"], np.zeros((1, 2)))[0]
    assert value == pytest.approx(plain + 0.1, abs=1e-6)
    assert error == pytest.approx(0.132, rel=0.02)
    score = detection.detector_logits(told[0].models["detector"], x)
    far = x[np.argmax(np.abs(score))]  # the farthest of all: n near 1
    assert log_factor(told, far, 0.1 * x, 0.1 * x)[1] == pytest.approx(np.hypot(0.132, 1.0), rel=0.02)


@pytest.mark.slow
def test_errors_are_those_of_fresh_simulations():
    """Two normal models of 2000 simulations each, five points from the centre to the tail: deviations by errors."""
    points = np.array([[0.6, -0.5], [0.0, 0.0], [1.2, 0.3], [0.5, 0.1], [1.5, 1.0]])
    log_p = lambda v: -np.log(v) - (points**2).sum(axis=1) / 2 / v  # noqa: E731
    exact, pulls = log_p(1.09) - log_p(0.18), []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        a, b = (v**0.5 * rng.normal(size=(2000, 2)) for v in (1.09, 0.18))
        told = SimulatedModels(InferModel(), {}, {}).networks(jax.random.key(seed), a, b, silent, None)
        found = np.array([log_factor(told, x, a, b) for x in points])
        pulls.append((found[:, 0] - exact) / found[:, 1])
    assert 0.5 < np.mean(np.square(pulls)) ** 0.5 < 1.4
    assert np.mean(np.abs(pulls) > 2) < 0.15
