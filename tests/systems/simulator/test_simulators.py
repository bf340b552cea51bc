# SPDX-License-Identifier: Apache-2.0
"""The simulators of the benchmark: likelihoods against SciPy, exact posteriors against likelihood or rejection."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from isinglass.systems.simulator import (
    SLCP,
    BernoulliGLM,
    CommonMean,
    Epidemic,
    GaussianLinear,
    GaussianUniform,
    PredatorPrey,
    TwoMoons,
)

ALL = [
    TwoMoons(),
    GaussianLinear(),
    SLCP(),
    CommonMean(),
    GaussianUniform(),
    BernoulliGLM(),
    Epidemic(),
    PredatorPrey(),
]
LEVEL = 1e-4


def pairs(simulator, n, seed=0):
    """θ of the prior and x of θ."""
    prior = simulator.prior()
    one = lambda key: (theta := prior.sample(key), simulator.simulate(jax.random.fold_in(key, 1), theta))  # noqa: E731
    return (np.asarray(a) for a in jax.jit(jax.vmap(one))(jax.random.split(jax.random.key(seed), n)))


@pytest.mark.parametrize("simulator", ALL, ids=lambda s: type(s).__name__)
def test_simulations_are_finite_and_deterministic(simulator):
    (theta, x), (again, _) = pairs(simulator, 100), pairs(simulator, 100)
    assert np.isfinite(x).all()
    np.testing.assert_array_equal(theta, again)


def test_gaussian_linear_likelihood_and_posterior():
    """ln p(θ given x) - ln p(x given θ) - ln p(θ) is one number for all θ."""
    simulator = GaussianLinear(dimension=3, noise=0.5, spread=2.0)
    x = np.array([1.0, -2.0, 0.3])
    theta = simulator.posterior_samples(np.random.default_rng(0), x, 4000)
    v = 1 / (1 / 0.25 + 1 / 4)
    assert stats.kstest(((theta - v * x / 0.25) / v**0.5).ravel(), "norm").pvalue > LEVEL
    exact = stats.norm(v * x / 0.25, v**0.5).logpdf(theta).sum(axis=1)
    prior = simulator.prior()
    ours = jax.vmap(lambda t: simulator.log_likelihood(t, jnp.asarray(x)) + prior.log_prob(t))(theta)
    np.testing.assert_allclose(np.ptp(exact - np.asarray(ours)), 0.0, atol=1e-10)


def test_slcp_likelihood_is_that_of_four_normal_draws():
    theta, x = pairs(SLCP(), 20)
    for t, row in zip(theta, x, strict=True):
        s, r = t[2:4] ** 2, np.tanh(t[4])
        S = np.array([[s[0] ** 2, r * s[0] * s[1]], [r * s[0] * s[1], s[1] ** 2]])
        exact = stats.multivariate_normal(t[:2], S, allow_singular=True).logpdf(row.reshape(4, 2)).sum()
        assert float(SLCP().log_likelihood(jnp.asarray(t), jnp.asarray(row))) == pytest.approx(exact, rel=1e-6)


def test_slcp_simulations_have_the_stated_law():
    """Standardized draws are N(0, 1) and independent, at one θ."""
    theta = jnp.array([0.7, -2.9, -1.0, -0.9, 0.6])
    x = np.asarray(jax.vmap(lambda key: SLCP().simulate(key, theta))(jax.random.split(jax.random.key(2), 1000)))
    rows = x.reshape(-1, 2)
    r = np.tanh(0.6)
    S = np.array([[1.0, r * 0.81], [r * 0.81, 0.81**2]])
    z = np.linalg.solve(np.linalg.cholesky(S), (rows - np.asarray(theta[:2])).T)
    assert all(stats.kstest(column, "norm").pvalue > LEVEL for column in z)
    assert abs(np.corrcoef(z)[0, 1]) < 4 / len(rows) ** 0.5


@pytest.mark.parametrize("simulator", [TwoMoons(), CommonMean()], ids=["two moons", "common mean"])
def test_exact_posteriors_are_those_of_rejection(simulator):
    """Pairs whose data are within 0.02 (0.1) of an observation: the marginals agree, at a level of 1e-4."""
    seen, near = (np.array([-0.2, 0.1]), 0.02) if isinstance(simulator, TwoMoons) else (np.array([9.5, 0.0]), 0.1)
    theta, x = pairs(simulator, 4_000_000)
    kept = theta[np.abs(x - seen).max(axis=1) < near]
    assert len(kept) > 300
    exact = simulator.posterior_samples(np.random.default_rng(1), seen, 4000)
    for ours, theirs in zip(kept.T, exact.T, strict=True):
        assert stats.ks_2samp(ours, theirs).pvalue > LEVEL


def test_common_mean_likelihood():
    theta, x = np.array([1.0, 2.0]), np.array([1.2, 1.7])
    exact = np.log(0.5 * np.prod(stats.norm(theta, 1).pdf(x)) + 0.5 * np.prod(stats.norm(theta, 0.1).pdf(x)))
    assert float(CommonMean().log_likelihood(jnp.asarray(theta), jnp.asarray(x))) == pytest.approx(exact)
