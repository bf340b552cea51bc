# SPDX-License-Identifier: Apache-2.0
"""The averages of Saad and Solla against sampled fields; fixed points; the limit of small rates."""

import numpy as np
import pytest
from scipy.special import erf

from isinglass.exact.learning.committee import Overlaps, four, generalization_error, learned, rates, three, two

MIXING = 0.6 * np.random.default_rng(0).normal(size=(4, 6))
C = MIXING @ MIXING.T
FIELDS = np.random.default_rng(1).normal(size=(2**19, 6)) @ MIXING.T


def g(x):
    return erf(x / 2**0.5)


def slope(x):
    return (2 / np.pi) ** 0.5 * np.exp(-(x**2) / 2)


def sampled(values, exact):
    """Within four standard errors."""
    assert abs(values.mean() - exact) < 4 * values.std() / 2**9.5


@pytest.mark.parametrize("at", [(0, 1), (2, 2)])
def test_averages_of_two(at):
    sampled(np.prod([g(FIELDS[:, i]) for i in at], axis=0), two(C)[at])


@pytest.mark.parametrize("at", [(0, 1, 2), (1, 1, 3), (0, 2, 0), (1, 3, 3)])
def test_averages_of_three(at):
    a, b, c = (FIELDS[:, i] for i in at)
    sampled(slope(a) * b * g(c), three(C)[at])


@pytest.mark.parametrize("at", [(0, 1, 2, 3), (1, 1, 3, 0), (0, 0, 2, 2), (0, 1, 0, 1)])
def test_averages_of_four(at):
    a, b, c, d = (FIELDS[:, i] for i in at)
    sampled(slope(a) * slope(b) * g(c) * g(d), four(C, 2)[at])


def test_a_student_that_is_the_teacher_stays():
    T = np.array([[1.0, 0.2], [0.2, 0.8]])
    for order in ([0, 1], [1, 0]):
        at = Overlaps(T[order], T[np.ix_(order, order)], T)
        assert generalization_error(at) == pytest.approx(0.0, abs=1e-12)
        for rate in rates(at, 0.7):
            np.testing.assert_allclose(rate, 0.0, atol=1e-12)


def test_small_rates_are_gradient_descent():
    """For J of three inputs: dJ/dα = -η ∂ε/∂J, so that dε/dα = -η |∂ε/∂J|²."""
    rng = np.random.default_rng(5)
    J, B = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    error = lambda J: generalization_error(Overlaps(J @ B.T, J @ J.T, B @ B.T))  # noqa: E731
    at, h, eta = Overlaps(J @ B.T, J @ J.T, B @ B.T), 1e-5, 1e-7
    gradient = np.zeros_like(J)
    for i in np.ndindex(J.shape):
        step = np.zeros_like(J)
        step[i] = h
        gradient[i] = (error(J + step) - error(J - step)) / (2 * h)
    dR, dQ = rates(at, eta)
    np.testing.assert_allclose(dR / eta, -gradient @ B.T, atol=1e-8)
    np.testing.assert_allclose(dQ / eta, -(gradient @ J.T + J @ gradient.T), atol=1e-6)


def test_the_plateau_ends_in_specialists():
    first = Overlaps(np.diag([0.2, 0.1]), 0.5 * np.eye(2), np.eye(2))
    path = learned(first, 1.0, np.array([20.0, 200.0]))
    assert 0.01 < generalization_error(path[0]) < 0.03
    assert generalization_error(path[1]) < 1e-6
    np.testing.assert_allclose(path[1].R, np.eye(2), atol=1e-2)
