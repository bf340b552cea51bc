# SPDX-License-Identifier: Apache-2.0
"""A learned posterior that is wrong becomes right by the weights of a likelihood, or is doubted."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from isinglass.errors import InputError
from isinglass.inference.posterior.neural_posterior import untrained_posterior
from isinglass.systems.simulator import GaussianLinear
from isinglass.tasks.posterior.estimator import AtObservation
from isinglass.tasks.posterior.importance_correction import corrected
from isinglass.verbs import infer

MADE = GaussianLinear(dimension=2)
SEEN = np.array([0.3, -0.2])
LOG_Z = multivariate_normal.logpdf(SEEN, cov=0.2 * np.eye(2))  # x ~ N(0, 0.1 + 0.1)


def of_wrong_pairs(shift, width):
    """N(x/2 + shift, width² 0.05): linear regression of pairs that are so."""
    rng = np.random.default_rng(0)
    x = 0.2**0.5 * rng.normal(size=(20_000, 2))
    theta = x / 2 + shift + width * 0.05**0.5 * rng.normal(size=x.shape)
    model = untrained_posterior(jax.random.key(0), MADE.prior().range, theta, x, hidden=(8,))[0]
    return model, np.asarray(model.given(jnp.asarray(SEEN)).sample(jax.random.key(1), 10_000), float)


def after(shift, width):
    """What the correction makes of it."""
    model, theta = of_wrong_pairs(shift, width)
    likelihood = lambda theta: MADE.log_likelihood(theta, jnp.asarray(SEEN))  # noqa: E731
    return corrected(jax.random.key(2), model, MADE.prior(), likelihood, SEEN, AtObservation(theta, {}, []))


@pytest.mark.parametrize(("shift", "width"), [(0.0, 1.0), (0.1, 1.5), (-0.15, 1.2)])
def test_moments_and_evidence_are_exact(shift, width):
    found = after(shift, width)
    np.testing.assert_allclose(found.theta.mean(axis=0), SEEN / 2, atol=0.02)
    np.testing.assert_allclose(found.theta.std(axis=0), 0.05**0.5, rtol=0.05)
    z = found.estimates["log_evidence"]
    assert abs(z.value - LOG_Z) < 4 * z.error + 0.002
    assert found.checks[-1].verdict == "pass"


def test_the_efficiency_of_a_width_that_is_wrong_is_that_of_two_normal_laws():
    """1/∫ p²/q = (√(2s² - 1)/s²)^d for p of width 1 and q of width s: s = 1.5, d = 2."""
    found = after(0.0, 1.5)
    assert found.estimates["importance_efficiency"].value == pytest.approx((3.5**0.5 / 2.25) ** 2, abs=0.02)


def test_a_posterior_elsewhere_is_doubted():
    """8 widths off: one sample carries the weight."""
    assert after(8 * 0.05**0.5, 1.0).checks[-1].verdict == "unknown"


def test_by_the_verb():
    """So short a training is not right alone."""
    found = infer(0, MADE, observation=SEEN, corrected=True, simulations=500, steps=50, width=8, bins=4, halvings=0,
                  progress=False)  # fmt: skip
    assert found.estimates["log_evidence"].value == pytest.approx(LOG_Z, abs=0.02)
    assert found.estimates["theta_0"].error == pytest.approx(0.05**0.5, rel=0.05)


def test_a_function_has_no_likelihood():
    with pytest.raises(InputError, match="log_likelihood"):
        infer(0, lambda key, theta: theta + jax.random.normal(key, (2,)), prior=MADE.prior(), observation=SEEN,
              corrected=True, progress=False)  # fmt: skip
