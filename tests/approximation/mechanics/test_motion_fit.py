# SPDX-License-Identifier: Apache-2.0
"""Losses of motions vanish for the true equation and for no other; rows, slopes and angles are what they should be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.mechanics.motion_fit import MotionError, StepError, motion_rows, slopes, wrapped
from isinglass.approximation.mechanics.rollout import mean_period, rollout
from isinglass.exact.mechanics import pendulum
from isinglass.nets.mechanics.phase_space import PhaseSpace
from isinglass.systems.mechanics.trajectories import Trajectories

T = np.linspace(0.0, 6.0, 61)
SPACE = PhaseSpace((0.0, 0.0), (2.0, 0.5), 3.0, angles=(0,))
Y = np.stack([pendulum.motion(T, 1.0), pendulum.motion(T + 1, 2.0)])


def swing(y):
    return jnp.stack([y[1], -jnp.sin(y[0])])


def faster(y):
    return 1.01 * swing(y)


RATE = np.stack([Y[..., 1], -np.sin(Y[..., 0])], axis=-1)


def test_the_true_equation_costs_nothing():
    """Of derivatives to round-off, of steps to (h/2)⁴; planted: 1 % faster, which costs 1e-4 of the mean square."""
    key, data = jax.random.key(0), Trajectories(T, Y, RATE, angles=(0,))
    by_rate = lambda f: float(MotionError(SPACE)(key, f, tuple(map(jnp.asarray, motion_rows(data)))))  # noqa: E731
    states = tuple(map(jnp.asarray, motion_rows(Trajectories(T, Y, angles=(0,)))))
    by_step = lambda f: float(StepError(SPACE, 2)(key, f, states))  # noqa: E731
    unit = np.array([2.0, 0.5]) / 3.0
    size = float(((RATE / unit) ** 2).mean())
    assert by_rate(swing) < 1e-20
    assert by_rate(faster) == pytest.approx(1e-4 * size, rel=1e-6)
    assert by_step(swing) < 1e-12
    assert by_step(faster) == pytest.approx(1e-4 * size, rel=0.05)


def test_angles_are_compared_around_the_circle():
    off = np.array([[2 * np.pi + 0.1, 7.0], [-6.2, 0.0]])
    assert np.allclose(wrapped(off, (0,)), [[0.1, 7.0], [2 * np.pi - 6.2, 0.0]])
    assert np.allclose(wrapped(jnp.asarray(off), (0,)), wrapped(off, (0,)))
    assert wrapped(off, ()) is off


def test_slopes_of_angles_that_wind():
    turning = np.stack([(3 * T + np.pi) % (2 * np.pi) - np.pi, np.full_like(T, 3.0)], axis=-1)[None]
    assert np.allclose(slopes(Trajectories(T, turning, angles=(0,)))[0, :, 0], 3.0)
    assert np.abs(slopes(Trajectories(T, turning))[0, :, 0]).max() > 10


def test_a_rollout_is_the_motion():
    y = rollout(swing, Y[:, 0], float(T[1]), len(T), 4)
    assert np.abs(y - Y).max() < 1e-7
    t = np.linspace(0.0, 30.0, 301)
    q, p = pendulum.motion(t, 1.0).T
    assert mean_period(t, q, p) == pytest.approx(6.6999756644, abs=1e-6)
    assert np.isnan(mean_period(t[:20], q[:20], p[:20]))
