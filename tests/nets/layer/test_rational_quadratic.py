# SPDX-License-Identifier: Apache-2.0
"""A monotone spline, its slope by differentiation, and its inverse."""

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.nets.layer.rational_quadratic import knots, spline, spline_inverse


def test_slope_is_the_derivative_and_the_inverse_undoes(key):
    """Five bins on [-2, 2] and the tails beyond; ln dx/dy = -ln dy/dx."""
    w, h, d = (jax.random.normal(jax.random.fold_in(key, i), (n,)) for i, n in enumerate((5, 5, 6)))
    k = knots(w, h, d, 2.0)
    x = jnp.linspace(-3.1, 3.1, 41)
    y, log_slope = jax.vmap(lambda x: spline(x, k, 2.0))(x)
    derivative = jax.vmap(jax.grad(lambda x: spline(x, k, 2.0)[0]))(x)
    np.testing.assert_allclose(log_slope, jnp.log(derivative), atol=1e-9)
    back, log_back = jax.vmap(lambda y: spline_inverse(y, k, 2.0))(y)
    np.testing.assert_allclose(back, x, atol=1e-7)
    np.testing.assert_allclose(log_back, -log_slope, atol=1e-6)
