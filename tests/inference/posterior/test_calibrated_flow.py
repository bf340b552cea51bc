# SPDX-License-Identifier: Apache-2.0
"""Widths of densities by pairs that were not trained on."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.inference.posterior.calibrated_flow import best_flow, excess, latent_factor, latent_moments, robust_width
from isinglass.inference.posterior.conditional import conditional_density
from isinglass.inference.posterior.neural_posterior import EmbeddedFlow


def regression(density, u, x, hidden=(8,)):
    """An untrained flow of u given x."""
    flow = conditional_density(density, jax.random.key(1), u, x, conditions=x.shape[1], hidden=hidden, bins=8)
    return EmbeddedFlow(flow, None, x.shape[1:])


def pairs(seed, n, width=1.0):
    """u ~ N(x, width²) in two variables, x ~ N(0, 1)."""
    x, e = np.random.default_rng(seed).normal(size=(2, n, 2)).astype(np.float32)
    return jnp.asarray(x + width * e), jnp.asarray(x)


def scaled(flow, factor):
    """The flow with z divided by a factor."""
    r = lambda q: q.flow.base.log_residual  # noqa: E731
    return eqx.tree_at(r, flow, r(flow) + np.float32(np.log(factor)))


def factor(flow):
    """L."""
    return np.asarray(flow.flow.base.factor).reshape(2, 2)


def test_a_flow_that_is_too_narrow_is_widened():
    """Planted: z divided by 0.7; other pairs find the factor to 3 %, and the density stays normalized."""
    linear = regression("autoregressive", *pairs(0, 4000, 2.0))  # too wide, so that it is not taken
    for own in (pairs(0, 4000), pairs(2, 300)):  # whole batches, and a part of one
        found = best_flow(linear, scaled(linear, 0.7 / 2), own, pairs(1, 4000))
        assert factor(found) == pytest.approx(np.eye(2) / 0.7, abs=0.05)
    given = found.given(jnp.zeros(2, jnp.float32))
    drawn = jax.vmap(given.draw)(jax.random.split(jax.random.key(3), 4000))
    assert np.asarray(drawn).std(axis=0) == pytest.approx(1.0, abs=0.06)
    a = jnp.linspace(-6.0, 6.0, 301)
    q = jnp.exp(jax.vmap(jax.vmap(lambda a, b: given.log_prob(jnp.stack([a, b])), (None, 0)), (0, None))(a, a))
    q, a = np.asarray(q, float), np.asarray(a, float)
    assert np.trapezoid(np.trapezoid(q, a), a) == pytest.approx(1.0, abs=2e-3)


def test_too_narrow_for_others_alone():
    """A flow whose own pairs have the right width, and others one that is larger by 1.2: it is the others' it takes."""
    linear = regression("autoregressive", *pairs(0, 4000, 2.0))
    found = best_flow(linear, scaled(linear, 1 / 2), pairs(0, 4000), pairs(1, 4000, 1.2))
    assert factor(found) == pytest.approx(1.2 * np.eye(2), abs=0.05)


def test_errors_that_go_together_are_told(key):
    """Latent variables of others with a correlation of 0.4 and a width of 1.3: 3 %; ln q and draws follow."""
    C = 1.3**2 * np.array([[1.0, 0.4], [0.4, 1.0]])
    linear = regression("autoregressive", *pairs(0, 4000, 2.0))
    u, x = pairs(1, 8000)
    u = x + (u - x) @ jnp.asarray(np.linalg.cholesky(C).T, jnp.float32)
    found = best_flow(linear, scaled(linear, 1 / 2), pairs(0, 4000), (u, x))
    L = factor(found)
    assert L @ L.T == pytest.approx(C, rel=0.08)
    given = found.given(jnp.zeros(2, jnp.float32))
    drawn = np.asarray(jax.vmap(given.draw)(jax.random.split(key, 20_000)))
    assert np.cov(drawn.T) == pytest.approx(C, rel=0.12)
    mean = lambda q: float(jnp.mean(jax.vmap(lambda u, z: q.given(z).log_prob(u))(u, x)))  # noqa: E731
    exact = -np.log(2 * np.pi) - 1 - np.log(np.linalg.det(C)) / 2
    assert mean(found) == pytest.approx(exact, abs=0.03)
    assert mean(scaled(linear, 1 / 2)) < exact - 0.1


def test_chance_is_no_correlation():
    """Independent rows: of 45 correlations with errors 1/30 what is left is a tenth of that; a wide one stays."""
    rng = np.random.default_rng(0)
    own, other = rng.normal(size=(8000, 10)), rng.normal(size=(900, 10))
    L = latent_factor(latent_moments(own), other)
    R = L @ L.T / np.outer(np.linalg.norm(L, axis=1), np.linalg.norm(L, axis=1))
    assert np.std(R[np.tril_indices(10, -1)]) < 0.012
    assert np.diag(L) == pytest.approx(np.ones(10), abs=0.04)
    same = rng.normal(size=(900, 1)) + 1e-3 * rng.normal(size=(900, 3))
    L = latent_factor(latent_moments(own[:, :3]), same)
    assert np.linalg.eigvalsh(L @ L.T)[0] > 0.25


def test_rows_that_are_not_finite_are_left_out():
    """A latent variable of infinity tells nothing; of few rows, and where one is constant, nothing is said."""
    own, other = np.random.default_rng(0).normal(size=(2, 900, 3))
    spoilt = other.copy()
    spoilt[::10, 1] = np.inf
    rest = np.arange(900) % 10 > 0
    assert np.array_equal(latent_factor(latent_moments(own), spoilt), latent_factor(latent_moments(own), other[rest]))
    assert np.array_equal(latent_factor(latent_moments(own), other[:5]), np.eye(3))
    still = other * np.array([1.0, 0.0, 1.0])
    assert np.array_equal(latent_factor(latent_moments(own), still), np.eye(3))


def test_the_better_of_two(key):
    """A flow that is off is not taken, and densities without widths are as they are."""
    u, x = pairs(0, 2000)
    for density in ("autoregressive", "mixture"):
        linear = regression(density, u, x)
        assert best_flow(linear, linear, (u, x), pairs(1, 600)).flow.shape == (2,)
    linear = regression("autoregressive", u, x)
    off = eqx.tree_at(lambda q: q.flow.base.head_bias, linear, linear.flow.base.head_bias.at[:, -1].set(0.7))
    assert best_flow(linear, off, (u, x), pairs(1, 2000)) is linear


def test_the_width_of_a_sample_is_that_of_its_bulk():
    """3 to 2 % for a normal law of width 3, its error 0.74 s/√n; one in fifty a million times as far: 8 % at most."""
    z = 3 * np.random.default_rng(0).normal(size=(500, 200))
    found = robust_width(z)
    assert found.mean() == pytest.approx(3.0, rel=0.005)
    assert found.std() == pytest.approx(0.74 * 3 / 500**0.5, rel=0.2)
    z[:10] *= 1e6
    assert robust_width(z).mean() == pytest.approx(3.0, rel=0.08)


def test_widths_that_are_measured_together_are_told_better():
    """200 sets of δ_i ~ N(0.05, τ²) of 10, with errors 0.025: for small τ the error falls to that of the mean,

    0.025/√10, for large it is that of each; one alone is taken as it is.
    """
    rng, mean, error = np.random.default_rng(0), 0.05, 0.025
    for tau, expected in ((0.0, 0.35), (0.2, 1.0)):
        true = mean + tau * rng.normal(size=(200, 10))
        found = np.array([excess(d, error**2) for d in true + error * rng.normal(size=true.shape)])
        assert np.std(found - true) / error == pytest.approx(expected, abs=0.12), tau
    assert excess(np.array([mean]), error**2)[0] == mean
