# SPDX-License-Identifier: Apache-2.0
"""A density in the units of data: exact for a Gaussian, normalized with heavy tails, precise far from the origin."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from isinglass.nets.density import StandardNormal
from isinglass.nets.flow.rescaled import Rescaled, rescaled, standardized_rows


def test_it_is_a_gaussian_in_other_units(key):
    """N(1e6, 1e-3²): ln q is SciPy's to 1e-3, where single precision would have no digit left."""
    model = Rescaled(StandardNormal((2,)), jnp.asarray([1e6, -2.0]), jnp.asarray([1e-3, 50.0]), jnp.zeros(2, bool))
    x = np.array([1e6 + 5e-4, 30.0])
    exact = norm.logpdf(x, [1e6, -2.0], [1e-3, 50.0]).sum()
    assert float(model.log_prob(jnp.asarray(x))) == pytest.approx(exact, abs=1e-3)
    drawn, log_q = model.sample_with_log_prob(key, 4000)
    np.testing.assert_allclose((np.asarray(drawn).std(axis=0) / [1e-3, 50.0]), 1.0, atol=0.06)
    np.testing.assert_allclose(log_q, jax.vmap(model.log_prob)(drawn), atol=1e-2)


@pytest.mark.parametrize("heavy", [False, True])
def test_it_integrates_to_one(heavy):
    model = Rescaled(StandardNormal((1,)), jnp.asarray([3.0]), jnp.asarray([2.0]), jnp.asarray([heavy]))
    y = np.linspace(-12, 12, 20_001)
    x = 3 + 2 * np.sinh(y)  # a grid for both
    q = np.exp(np.asarray(jax.vmap(model.log_prob)(jnp.asarray(x)[:, None])))
    assert np.trapezoid(q, x) == pytest.approx(1.0, abs=1e-4)
    wrong = eqx.tree_at(lambda m: m.width, model, jnp.asarray([2.2]))
    assert float(model.log_prob(jnp.asarray([3.0]))) != pytest.approx(
        float(wrong.log_prob(jnp.asarray([3.0]))), abs=0.05
    )


def test_the_units_are_those_of_the_data():
    """Normal entries stay as they are, of a Cauchy law the tails are bent; both have quartiles of order one."""
    rng = np.random.default_rng(0)
    x = np.stack([5 + 1e-3 * rng.normal(size=3000), 1e4 * rng.standard_cauchy(3000)], axis=1)
    model = rescaled(StandardNormal((2,)), x)
    assert model.heavy.tolist() == [False, True]
    z = np.asarray(standardized_rows(model, x))
    assert np.abs(z).max() < 15
    np.testing.assert_allclose(np.quantile(z, [0.16, 0.84], axis=0), [[-1, -0.88], [1, 0.88]], atol=0.12)
