# SPDX-License-Identifier: Apache-2.0
"""Scores of series, numbers of solutions, and the transition, by quadrature that shares no code with it."""

import jax
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import norm

from isinglass.exact.emergence.exact_match import (
    LARGEST_SLOPE,
    exact_match,
    mean_solutions,
    perceptron_error,
    transition,
)
from isinglass.exact.learning.generalized_linear import SignOutput, Teacher, overlaps, wrong_signs
from isinglass.exact.learning.scalar_prior import NormalPrior, SparseSigns
from isinglass.experiments.emergence.planted_perceptron import planted_counts


def test_no_series_is_steeper_than_one_by_e():
    """By ln α; k = 100 comes near, and moves."""
    alpha = np.geomspace(0.5, 300, 300)
    error = np.array([perceptron_error(a) for a in alpha])
    slope = np.array([np.gradient(exact_match(error, k), np.log(alpha)).max() for k in (1, 10, 30, 100)])
    assert (slope < 1.01 * LARGEST_SLOPE).all()
    assert slope[-1] == pytest.approx(LARGEST_SLOPE, rel=5e-3)
    assert (np.diff(slope) > 0).all()


@pytest.mark.parametrize("alpha", [0.5, 2.0, 10.0])
def test_the_error_is_that_of_the_general_theory(alpha):
    best = overlaps(Teacher(NormalPrior(), SignOutput()), alpha)[1]
    assert perceptron_error(alpha) == pytest.approx(wrong_signs(best), abs=1e-6)


def test_more_examples_than_are_resolved():
    with pytest.raises(ValueError, match="at most 300"):
        perceptron_error(1e3)


def test_numbers_of_solutions():
    """2^N without points; by enumeration of 4000 samples within four standard errors, which sees 10 %."""
    assert mean_solutions(9, 0) == 512
    found = np.asarray(planted_counts(jax.random.split(jax.random.key(3), 4000), 7, 7).solutions)
    for n in (1, 4, 7):
        each = found[:, n - 1]
        assert abs(each.mean() - mean_solutions(7, n)) < 4 * each.std() / len(each) ** 0.5 + 1e-9


def entropy_left(q):
    """Of the solutions at overlap q, and its α: Györgyi 1990, with adaptive quadrature."""
    average = lambda f: quad(lambda z: norm.pdf(z) * f(z), -8, 8, limit=200)[0]  # noqa: E731
    h = brentq(lambda h: average(lambda z: np.tanh(h**0.5 * z + h)) - q, 1e-6, 20)
    r = (q / (1 - q)) ** 0.5
    alpha = h * np.pi * (1 - q) / average(lambda z: np.exp(-((r * z) ** 2)) / norm.sf(-r * z))
    spins = average(lambda z: np.log(2 * np.cosh(h**0.5 * z + h)))
    points = 2 * alpha * average(lambda z: norm.sf(-r * z) * norm.logsf(-r * z))
    return spins - h * (1 + q) / 2 + points, alpha


def test_the_transition():
    """Where no entropy is left beside the teacher: α = 1.2447, not 1.249 as sometimes quoted."""
    q = brentq(lambda q: entropy_left(q)[0], 0.6, 0.75)
    alpha = entropy_left(q)[1]
    assert transition(Teacher(SparseSigns(), SignOutput())) == pytest.approx((alpha, q), abs=1e-7)
    assert alpha == pytest.approx(1.245, abs=1e-3)
