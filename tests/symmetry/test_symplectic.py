# SPDX-License-Identifier: Apache-2.0
"""Symplectic steps: their order, the law ∂Φᵀ J ∂Φ = J, no drift of the energy; Euler's step breaks all of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.exact.mechanics import kepler, pendulum
from isinglass.symmetry.symplectic import (
    gauss_step,
    gauss_table,
    hamiltonian_field,
    leapfrog_step,
    orbit,
    symplectic_violation,
)


def swinging(y):
    return y[1] ** 2 / 2 - jnp.cos(y[0])


def coupled(y):
    """Not separable: H = (1 + q²)(1 + p²)/2."""
    return (1 + y[0] ** 2) * (1 + y[1] ** 2) / 2


def field(H):
    return lambda y: hamiltonian_field(H, y)


def gauss(H, h, stages):
    return lambda y: gauss_step(field(H), y, h, stages)


def leapfrog(H, h):
    return lambda y: leapfrog_step(field(H), y, h)


def euler(H, h):
    return lambda y: y + h * field(H)(y)


def test_the_tables_are_those_of_the_books():
    """Hairer, Lubich and Wanner, table 1.1 of chapter II."""
    A, b = gauss_table(2)
    s = 3**0.5 / 6
    assert np.allclose(A, [[0.25, 0.25 - s], [0.25 + s, 0.25]])
    assert np.allclose(b, 0.5)
    assert np.allclose(gauss_table(1)[0], 0.5)
    assert np.allclose(gauss_table(3)[0][0], [5 / 36, 2 / 9 - 15**0.5 / 15, 5 / 36 - 15**0.5 / 30])


def error_after(step, h, amplitude=1.0, t=2.0):
    y = jnp.array([amplitude, 0.0])
    end = orbit(step, y, 2, round(t / h))[1]
    return np.abs(np.asarray(end) - pendulum.motion(np.array([t]), amplitude)[0]).max()


@pytest.mark.parametrize(("made", "order"), [
    (leapfrog, 2), (lambda H, h: gauss(H, h, 1), 2), (lambda H, h: gauss(H, h, 2), 4),
])  # fmt: skip
def test_the_order_of_each_step(made, order):
    h = np.array([0.2, 0.1, 0.05])
    errors = [error_after(made(swinging, step), step) for step in h]
    slope = np.polyfit(np.log(h), np.log(errors), 1)[0]
    assert slope == pytest.approx(order, abs=0.1)


def test_steps_are_symplectic_and_euler_is_not():
    y = jnp.array([0.7, 0.4])
    assert symplectic_violation(gauss(coupled, 0.1, 1), y) < 1e-9
    assert symplectic_violation(gauss(coupled, 0.1, 2), y) < 1e-9
    assert symplectic_violation(leapfrog(swinging, 0.1), y) < 1e-14
    assert symplectic_violation(euler(swinging, 0.1), y) > 1e-3
    assert symplectic_violation(leapfrog(coupled, 0.1), y) > 1e-3  # leapfrog is for separable ones alone


def test_leapfrog_is_reversible():
    y = jnp.array([0.7, 0.4])
    there = leapfrog(swinging, 0.1)(y) * jnp.array([1.0, -1.0])
    back = leapfrog(swinging, 0.1)(there) * jnp.array([1.0, -1.0])
    assert jnp.allclose(back, y, atol=1e-14)


def test_the_energy_does_not_drift():
    """Over 1000 periods it oscillates in the same bounds as over 10; Euler's grows."""
    y = jnp.array([1.0, 0.0])
    E = jax.vmap(swinging)(orbit(leapfrog(swinging, 0.1), y, 70_000))
    off = np.abs(np.asarray(E - E[0]))
    assert off[-700:].max() < 1.05 * off[:700].max() < 1e-2
    wrong = jax.vmap(swinging)(orbit(euler(swinging, 0.01), y, 7000))
    assert abs(float(wrong[-1] - wrong[0])) > 0.1


def test_kepler_keeps_its_ellipse():
    def H(y):
        return (y[2:] ** 2).sum() / 2 - 1 / jnp.sqrt((y[:2] ** 2).sum())

    t = np.linspace(0.0, 2 * np.pi, 5)
    y = orbit(gauss(H, t[1] / 100, 3), jnp.asarray(kepler.motion(t[:1])[0]), 5, 100)
    assert np.abs(np.asarray(y) - kepler.motion(t)).max() < 1e-9
