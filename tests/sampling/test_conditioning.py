# SPDX-License-Identifier: Apache-2.0
"""Conditional sampling of a Gaussian field is the Wiener filter, mean and covariance; nothing here is random."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.nets.diffusion.diffused import NoNetwork

from isinglass.exact.field import gaussian_field
from isinglass.nets.diffusion.denoiser import Denoiser
from isinglass.nets.diffusion.diffusion import ProbabilityFlow
from isinglass.nets.diffusion.gaussian_reference import SpectralGaussian
from isinglass.nets.diffusion.noise_schedule import VariancePreserving
from isinglass.sampling.conditioning import Conditioned

SHAPE, NOISE, UNIT = (3, 4), 0.5, 1.4
P = gaussian_field.spectrum(SHAPE, variance=UNIT**2)
Y = np.random.default_rng(0).normal(size=SHAPE)
MASKS = {"every site": np.ones(SHAPE), "some sites": (np.arange(12).reshape(SHAPE) % 3 > 0).astype(float)}


def conditioned(mask, noise=NOISE):
    """The posterior as a denoiser: an untrained network is exact for this field."""
    spectrum = jnp.asarray(P / UNIT**2, jnp.float32)
    found = spectrum, jnp.float32(UNIT)
    reference = eqx.tree_at(lambda g: (g.spectrum, g.unit), SpectralGaussian(shape=SHAPE), found)
    prior = Denoiser(NoNetwork(), reference, VariancePreserving())
    return Conditioned(prior, jnp.asarray(Y), jnp.asarray(mask, float), noise)


@eqx.filter_jit
def moments(denoiser):
    """Mean and variance of what the flow draws, which is linear in the noise."""
    flow, zero = ProbabilityFlow(denoiser, 40), jnp.zeros(SHAPE)
    J = jax.vmap(lambda w: flow.to_data(w) - flow.to_data(zero))(jnp.eye(12).reshape(12, *SHAPE))
    return flow.to_data(zero), jnp.sum(J**2, axis=0)


@pytest.mark.parametrize("seen", MASKS)
def test_the_posterior_is_wieners(seen):
    exact = gaussian_field.wiener_posterior(P, Y, NOISE, MASKS[seen] if seen == "some sites" else None)
    mean, variance = moments(conditioned(MASKS[seen]))
    np.testing.assert_allclose(mean, exact.mean, atol=0.01)
    np.testing.assert_allclose(variance, exact.variance, rtol=0.02)


def test_planted_errors_are_seen():
    """A noise that is 10 % wrong, and an observation that was not made."""
    exact = gaussian_field.wiener_posterior(P, Y, NOISE)
    _, variance = moments(conditioned(MASKS["every site"], noise=1.1 * NOISE))
    assert np.abs(variance / exact.variance - 1).max() > 0.05
    mean, _ = moments(conditioned(MASKS["some sites"]))
    assert np.abs(mean - exact.mean).max() > 0.1
