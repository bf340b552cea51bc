# SPDX-License-Identifier: Apache-2.0
"""Ranges of variables: the log-determinant is the Jacobian's, inverses undo, known densities integrate to 1."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import beta, gamma, norm

from isinglass.errors import InputError
from isinglass.systems.constraint import Interval, constraint_of

NORMAL = Interval(jnp.array([-1.0, 0.0, -math.inf]), jnp.array([2.0, math.inf, math.inf]), normal=True)
ONE_TO_ONE = {
    "normal": (NORMAL, (3,)),
    "free": (None, (3,)),
    "positive": ("positive", (3,)),
    "interval": ((-1.0, 2.0), (3,)),
    "below": ((None, 2.0), ()),
    "ends of their own": (([0.0, -math.inf], [1.0, math.inf]), (2,)),
    "ordered": ("ordered", (4,)),
    "each": (["positive", None, (0.0, 1.0)], (3,)),
    "simplex": ("simplex", (4,)),
}


def coordinates(constraint, z):
    """As many numbers of x as there are free ones: of a simplex all but the last."""
    return constraint.forward(z)[0].reshape(-1)[: z.size]


@pytest.mark.parametrize("name", ONE_TO_ONE)
def test_the_slope_is_that_of_the_jacobian(name, key):
    said, shape = ONE_TO_ONE[name]
    c = constraint_of(said, shape, "x")
    z = 0.7 * jax.random.normal(key, c.free)
    x, slope = c.forward(z)
    J = jax.jacobian(lambda flat: coordinates(c, flat.reshape(c.free)))(z.reshape(-1))
    np.testing.assert_allclose(slope, np.linalg.slogdet(np.asarray(J).reshape(z.size, z.size))[1], atol=1e-10)
    np.testing.assert_allclose(c.inverse(x), z, atol=1e-10)
    assert c.inside(np.asarray(x))
    assert abs(float(slope) - float(jnp.sum(z))) > 1e-3 or name in ("positive", "below")  # planted: that of exp alone


@pytest.mark.parametrize(
    ("said", "density"),
    [("positive", gamma(3).pdf), ((0.0, 1.0), beta(2, 5).pdf), ((-1.0, None), gamma(3, loc=-1).pdf)],
)
def test_known_densities_integrate_to_one_in_free_numbers(said, density):
    """∫ p(f(z)) |df/dz| dz = 1 for densities of SciPy; without the slope it is not."""
    c = constraint_of(said, (), "x")
    z = np.linspace(-40, 40, 40_001)
    x, slope = jax.vmap(c.forward)(jnp.asarray(z))
    p = density(np.asarray(x))
    assert np.trapezoid(p * np.exp(slope), z) == pytest.approx(1.0, abs=1e-6)
    assert abs(np.trapezoid(p, z) - 1.0) > 0.05


def test_a_point_on_the_sphere_is_uniform(key):
    """z/|z| of normal z: <x_3²> = 1/3, <x_3⁴> = 1/5 within 4.5 errors."""
    c = constraint_of("unit_vector", (3,), "x")
    x = np.asarray(jax.vmap(lambda z: c.forward(z)[0])(jax.random.normal(key, (20_000, 3))))
    np.testing.assert_allclose((x**2).sum(axis=1), 1.0, atol=1e-12)
    for power, exact in ((2, 1 / 3), (4, 1 / 5)):
        values = x[:, 2] ** power
        assert abs(values.mean() - exact) < 4.5 * values.std() / len(values) ** 0.5
    np.testing.assert_allclose(c.forward(c.inverse(jnp.asarray(x[0])))[0], x[0], atol=1e-12)


def test_the_length_on_the_sphere_has_the_normal_law(key):
    """exp(slope) is the normal density of SciPy but for a constant: else the length would run away."""
    z = jax.random.normal(key, (5, 3))
    slope = jax.vmap(constraint_of("unit_vector", (3,), "x").forward)(z)[1]
    np.testing.assert_allclose(np.diff(slope), np.diff(norm.logpdf(np.asarray(z)).sum(axis=1)), atol=1e-12)


@pytest.mark.parametrize(
    ("said", "shape", "words"),
    [
        ("postive", (), "positive, simplex"),
        ((2, 0), (), "low below high"),
        (("a", "b"), (), "as numbers"),
        (["positive"], (3,), "each of the entries"),
        ("simplex", (), "a vector of 2"),
        (3, (), "a constraint of x"),
    ],
)
def test_what_is_no_range_is_refused(said, shape, words):
    with pytest.raises(InputError, match=words):
        constraint_of(said, shape, "x")


def test_what_is_outside_is_known():
    assert not constraint_of("positive", (2,), "x").inside(np.array([1.0, 0.0]))
    assert not constraint_of("simplex", (2,), "x").inside(np.array([0.6, 0.6]))
    assert not constraint_of("ordered", (2,), "x").inside(np.array([1.0, 0.5]))
    assert not constraint_of("unit_vector", (2,), "x").inside(np.array([1.0, 1.0]))
    assert not constraint_of(None, (1,), "x").inside(np.array([np.nan]))
