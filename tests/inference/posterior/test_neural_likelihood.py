# SPDX-License-Identifier: Apache-2.0
"""Learned likelihoods before they learn: linear in bounded parameters, and in the logarithm of positive ones."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist

from isinglass.inference.posterior.neural_likelihood import untrained_likelihood
from isinglass.inference.posterior.simulations import Simulations
from isinglass.systems.simulator import make_prior
from isinglass.tasks.posterior.estimator import ESTIMATORS


@pytest.mark.parametrize(("prior", "mean"), [
    (dist.Uniform(-1.0, 1.0), np.asarray), (dist.LogNormal(0.0, 3.0), np.log), (dist.Normal(2.0, 1.0), np.asarray),
])  # fmt: skip
def test_linear_regression_is_of_what_the_data_are_linear_in(prior, mean):
    """x ~ N(f(θ), 0.1²), f = θ or ln θ: exact before any training, but for the errors of 20,000 pairs."""
    made = make_prior({"a": prior})
    theta = np.asarray(jax.vmap(made.sample)(jax.random.split(jax.random.key(0), 20_000)))
    x = mean(theta) + 0.1 * np.random.default_rng(0).normal(size=theta.shape)
    model, _ = untrained_likelihood(jax.random.key(1), made.range, theta, x, hidden=(8,))
    found = np.asarray(jax.vmap(model.log_likelihood)(jnp.asarray(theta[:50]), jnp.asarray(x[:50])))
    exact = -0.5 * ((x[:50, 0] - mean(theta[:50, 0])) / 0.1) ** 2 - np.log(0.1 * (2 * np.pi) ** 0.5)
    np.testing.assert_allclose(found, exact, atol=0.1)


@pytest.mark.parametrize(("entry", "n"), [(np.arange(400) % 3, 1), (np.arange(400) / 400, 0)])
def test_counts_are_doubted(entry, n):
    pairs = Simulations(np.zeros((400, 1)), np.stack([np.linspace(0, 1, 400), entry], axis=1), ("a",))
    found = ESTIMATORS["nle"].doubts(pairs)
    assert [check.verdict for check in found] == ["unknown"] * n
