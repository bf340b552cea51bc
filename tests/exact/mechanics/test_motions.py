# SPDX-License-Identifier: Apache-2.0
"""Motions in closed form against published numbers, conserved quantities, and SciPy's integrator of order 8."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from isinglass.exact.mechanics import kepler, pendulum, springs, three_bodies

T = np.linspace(0.0, 9.0, 40)


def solved(f, start, t=T):
    return solve_ivp(lambda t, y: f(y), (0, t[-1]), start, method="DOP853", t_eval=t, rtol=1e-12, atol=1e-13).y.T


def swing(y):
    return np.array([y[1], -np.sin(y[0])])


def attraction(y):
    return np.concatenate([y[2:], -y[:2] / np.linalg.norm(y[:2]) ** 3])


def three(y):
    q, p = y.reshape(2, 3, 2)
    r = q[:, None] - q[None]
    d = np.linalg.norm(r, axis=2) + np.eye(3)
    return np.concatenate([p.ravel(), -(r / d[..., None] ** 3).sum(axis=1).ravel()])


@pytest.mark.parametrize(
    ("amplitude", "period"),
    [(0.1, 6.2871145493), (0.5, 6.3827896977), (1, 6.6999756644), (2, 8.3497529269), (3, 16.1555393724)],
)
def test_period_of_the_pendulum(amplitude, period):
    """Four complete elliptic integrals; the values by mpmath, ten digits."""
    assert pendulum.period(amplitude) == pytest.approx(period, abs=1e-10)
    t = np.array([0.0, period / 4, period / 2, period])
    y = pendulum.motion(t, amplitude)
    assert np.allclose(y[:, 0], [amplitude, 0, -amplitude, amplitude], atol=1e-9)


def test_the_pendulum_follows_its_equation():
    y = pendulum.motion(T, 2.0)
    assert np.abs(y - solved(swing, y[0])).max() < 1e-9
    assert np.ptp(y[:, 1] ** 2 / 2 - np.cos(y[:, 0])) < 1e-13


@pytest.mark.parametrize("e", [0.0, 0.5, 0.95])
def test_the_ellipse_follows_its_equation(e):
    y = kepler.motion(T, 1.0, e)
    assert np.abs(y - solved(attraction, y[0])).max() < 1e-8
    E, L, vector = kepler.invariants(y)
    assert np.allclose(E, -0.5, atol=1e-12)
    assert np.allclose(L, np.sqrt(1 - e**2), atol=1e-12)
    assert np.allclose(vector, [e, 0], atol=1e-12)


def test_the_ellipse_of_the_table():
    """a = 1, e = ½: E = -½, L = √3/2, T = 2π, at the perihelion r = ½ and v = √3."""
    q1, q2, p1, p2 = kepler.motion(np.zeros(1), 1.0, 0.5)[0]
    assert np.allclose([q1, q2, p1, p2], [0.5, 0, 0, 3**0.5])
    assert kepler.period(1.0) == pytest.approx(2 * np.pi)
    assert kepler.invariants(np.array([q1, q2, p1, p2])).angular_momentum == pytest.approx(0.8660254038)


def test_the_figure_eight_closes():
    start = three_bodies.figure_eight()
    y = solved(three, start, np.array([0.0, three_bodies.FIGURE_EIGHT_PERIOD]))
    assert np.abs(y[1] - start).max() < 1e-7
    q, p = start.reshape(2, 3, 2)
    i, j = np.triu_indices(3, 1)
    E = (p**2).sum() / 2 - (1 / np.linalg.norm(q[i] - q[j], axis=1)).sum()
    assert E == pytest.approx(three_bodies.FIGURE_EIGHT_ENERGY, abs=1e-10)


def test_springs_by_their_modes():
    n, k = 4, 2.5
    K = k * (2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1))
    start = np.random.default_rng(0).normal(size=2 * n)
    y = springs.motion(T, start, k)
    assert np.abs(y - solved(lambda y: np.concatenate([y[n:], -K @ y[:n]]), start)).max() < 1e-9
    assert np.allclose(np.sort(springs.frequencies(n, k)) ** 2, np.linalg.eigvalsh(K))
