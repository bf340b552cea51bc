# SPDX-License-Identifier: Apache-2.0
"""Draws of a posterior: few and many rows, priors that are zero in their range, and the measure of θ."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist

from isinglass.inference.posterior.neural_posterior import drawn, drawn_within, untrained_posterior
from isinglass.run.model_file import load_model, save_model
from isinglass.systems.simulator import make_prior

NOISE = 0.5


class Disc:
    """Uniform where |θ| < radius."""

    def __init__(self, radius):
        self.radius = radius

    def sample(self, key):
        key_r, key_angle = jax.random.split(key)
        r, angle = self.radius * jnp.sqrt(jax.random.uniform(key_r)), 2 * jnp.pi * jax.random.uniform(key_angle)
        return r * jnp.stack([jnp.cos(angle), jnp.sin(angle)])

    def log_prob(self, theta):
        return jnp.where(jnp.sum(theta**2) < self.radius**2, -jnp.log(jnp.pi * self.radius**2), -jnp.inf)


def regression(prior, spread):
    """q of linear regression, of pairs with x = θ + noise."""
    rng = np.random.default_rng(0)
    theta = spread * rng.normal(size=(4000, 2))
    x = theta + NOISE * rng.normal(size=theta.shape)
    return untrained_posterior(jax.random.key(0), prior.range, theta, x, hidden=(8,))[0]


def test_draws_of_many_rows_are_those_of_each():
    """Mean x and width 0.5 of each, for 150 rows of 130 draws: no multiples of the blocks."""
    model = regression(make_prior(Disc(1.0)), 30.0)
    x = np.random.default_rng(1).normal(size=(150, 2))
    found = drawn(jax.random.key(1), model, x, 130)
    assert found.shape == (150, 130, 2)
    off = (found - x[:, None]) / NOISE
    assert abs(off.mean()) < 4 / off.size**0.5
    assert off.std() == pytest.approx(1.0, abs=0.03)
    assert len(np.unique(found.reshape(-1, 2), axis=0)) == found.shape[0] * found.shape[1]


def test_a_posterior_is_saved_with_its_factor(tmp_path):
    """ln q(θ given x) of the loaded one, to the bit, with a covariance of the latent variables that is not 1."""
    model = regression(make_prior(Disc(1.0)), 30.0)
    L = np.array([[1.1, 0.0], [0.3, 0.9]])
    model = eqx.tree_at(lambda m: m.flow.flow, model, model.flow.flow.with_factor(L))
    save_model(tmp_path, model)
    loaded, theta, x = load_model(tmp_path), jnp.array([0.3, -0.2]), jnp.array([0.5, 0.1])
    assert float(loaded.given(x).log_prob(theta)) == float(model.given(x).log_prob(theta))


def test_samples_where_an_own_prior_is_zero_are_drawn_again():
    """N(x, 0.25) cut to the disc, by rejection on either side; the share that was inside."""
    prior, x = make_prior(Disc(1.0)), np.array([[0.8, 0.3], [0.0, 0.0]])
    theta, share = drawn_within(jax.random.key(2), regression(prior, 30.0), prior, x, 20_000)
    assert (np.sum(theta**2, axis=2) < 1).all()
    rng = np.random.default_rng(3)
    exact = x[:, None] + NOISE * rng.normal(size=(2, 200_000, 2))
    inside = np.sum(exact**2, axis=2) < 1
    assert share == pytest.approx(inside.mean(), abs=0.01)
    for mine, them, there in zip(theta, exact, inside, strict=True):
        np.testing.assert_allclose(mine.mean(axis=0), them[there].mean(axis=0), atol=0.02)
        np.testing.assert_allclose(mine.std(axis=0), them[there].std(axis=0), rtol=0.03)


def test_it_ends_where_no_sample_is_possible():
    prior = make_prior(Disc(1e-3))
    _, share = drawn_within(jax.random.key(2), regression(prior, 30.0), prior, np.array([[50.0, 50.0]]), 100)
    assert share == 0.0


def test_a_prior_of_numpyro_fills_its_range():
    assert make_prior({"a": dist.Uniform(0.0, 1.0)}).fills_range
    assert not make_prior(Disc(1.0)).fills_range


def test_the_slope_of_the_free_parameters_is_that_of_differentiation():
    """ln q(u) - ln q(θ) = ln |dθ/du|: a uniform, a positive and a free parameter."""
    prior = make_prior({"a": dist.Uniform(0.0, 2.0), "b": dist.LogNormal(0.0, 1.0), "c": dist.Normal(0.0, 3.0)})
    rng = np.random.default_rng(0)
    theta = np.asarray(jax.vmap(prior.sample)(jax.random.split(jax.random.key(0), 500)))
    model = untrained_posterior(jax.random.key(0), prior.range, theta, rng.normal(size=(500, 1)), hidden=(8,))[0]
    for row in jnp.asarray(theta[:5]):
        u = model.parameters.standardized(model.range.inverse(row))
        of_u = lambda u: model.range.forward(model.parameters.in_units(u))[0]  # noqa: E731
        exact = jnp.linalg.slogdet(jax.jacfwd(of_u)(u))[1]
        assert float(model.log_slope(row)) == pytest.approx(float(exact), abs=1e-4)
