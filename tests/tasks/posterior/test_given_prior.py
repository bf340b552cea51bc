# SPDX-License-Identifier: Apache-2.0
"""A prior that is given by name is in the order of the simulator, whatever the order of the dict."""

import numpy as np
import pytest
from numpyro import distributions as dist

from isinglass.errors import InputError
from isinglass.systems.cosmology.distances import hubble_diagram
from isinglass.systems.simulator import TwoMoons
from isinglass.tasks.posterior.given_prior import prior_of

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
