# SPDX-License-Identifier: Apache-2.0
"""A prior that is given by name is in the order of the simulator, whatever the order of the dict."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.systems.cosmology.distances import hubble_diagram
from isinglass.systems.simulator import TwoMoons, make_prior
from isinglass.tasks.posterior.given_prior import prior_of, zero_between

DIAGRAM = hubble_diagram([0.1, 0.5], [0.1, 0.1])
TURNED = {"offset": dist.Uniform(-19.0, -18.0), "Omega_m": dist.Uniform(0.1, 0.5)}


def test_the_order_is_that_of_the_simulator():
    """Planted: offset before Omega_m, which the simulator takes first."""
    prior = prior_of(TURNED, DIAGRAM)
    assert prior.names == ("Omega_m", "offset")
    np.testing.assert_allclose(prior.range.low, [0.1, -19.0])
    assert prior_of(None, DIAGRAM).names == ("Omega_m", "offset")


def test_other_priors_are_taken_as_they_are():
    assert prior_of({"x": dist.Normal(0.0, 1.0), "y": dist.Normal(0.0, 1.0)}, TwoMoons()).names == ("x", "y")
    assert prior_of(TURNED, lambda key, theta: theta).names == ("offset", "Omega_m")
    with pytest.raises(InputError, match="found none"):
        prior_of(None, lambda key, theta: theta)


class Annulus:
    """Uniform where inner < |θ| < 1."""

    def __init__(self, inner):
        self.inner = inner

    def sample(self, key):
        key_r, key_angle = jax.random.split(key)
        r = jnp.sqrt(self.inner**2 + (1 - self.inner**2) * jax.random.uniform(key_r))
        angle = 2 * jnp.pi * jax.random.uniform(key_angle)
        return r * jnp.stack([jnp.cos(angle), jnp.sin(angle)])

    def log_prob(self, theta):
        r2 = jnp.sum(theta**2)
        return jnp.where((r2 > self.inner**2) & (r2 < 1), -jnp.log(jnp.pi * (1 - self.inner**2)), -jnp.inf)


class Bell:
    """N(0, 1)²."""

    def sample(self, key):
        return jax.random.normal(key, (2,))

    def log_prob(self, theta):
        return -0.5 * jnp.sum(theta**2) - jnp.log(2 * jnp.pi)


@pytest.mark.parametrize(("prior", "walls"), [(Annulus(0.8), True), (Annulus(0.0), True), (Bell(), False)])
def test_walls_of_an_own_prior_are_seen(prior, walls):
    """The virial theorem holds without walls alone."""
    made = make_prior(prior)
    theta = jax.vmap(made.sample)(jax.random.split(jax.random.key(0), 200))
    assert zero_between(made, theta) is walls
