# SPDX-License-Identifier: Apache-2.0
"""Fields known by samples alone, and one seen with noise: a Gaussian field, for which both are exact untrained."""

import equinox as eqx
import jax
import numpy as np
import pytest

from isinglass.errors import InputError
from isinglass.exact.field import gaussian_field
from isinglass.sampling.diffusion import field_denoiser
from isinglass.systems.field_samples import FieldSamples, NoisyField
from isinglass.tasks.infer_field import InferField
from isinglass.training.setting import Training
from isinglass.verbs import infer, sample

SHAPE, NOISE = (8, 8), 0.5
POWER = gaussian_field.spectrum(SHAPE, variance=1.0)


def fields(key, n):
    """Gaussian fields."""
    return gaussian_field.gaussian_field(np.asarray(jax.random.normal(key, (n, *SHAPE))), POWER)


@pytest.mark.slow
def test_a_gaussian_field_and_its_posterior(key):
    """One step of training: both verdicts pass, and the posterior's mean is Wiener's within 0.2 deviations."""
    keys = jax.random.split(key, 4)
    x = fields(keys[0], 4097)
    result = sample(keys[1], FieldSamples(x[1:]), odd=True, samples=512, training=Training(steps=1), precision=0.1)
    assert result.verdict == "pass", str(result)
    mask = np.ones(SHAPE)
    mask[2:4, 2:4] = 0
    y = x[0] + NOISE * np.asarray(jax.random.normal(keys[2], SHAPE))
    found = infer(keys[3], NoisyField(y, mask, NOISE), prior=result.models["sampler"], samples=256)
    assert found.verdict == "pass", str(found)
    exact = gaussian_field.wiener_posterior(POWER, mask * y, NOISE, mask)
    off = (found.arrays["posterior_mean"].to_numpy() - exact.mean) / np.sqrt(exact.variance)
    assert np.sqrt(np.mean(off**2)) < 0.2


def test_observations_of_other_noise_share_a_program(key):
    """What an observation is made of are arrays, of which nothing is compiled anew."""
    prior = field_denoiser(key, np.asarray(fields(key, 64), np.float32))
    made = [InferField(prior=prior).conditioned(np.zeros(SHAPE), np.ones(SHAPE), noise) for noise in (0.1, 0.5)]
    static = [eqx.partition(one, eqx.is_array)[1] for one in made]
    assert eqx.tree_equal(*static)


def test_a_posterior_without_a_prior_is_refused(key):
    with pytest.raises(InputError, match="diffusion model"):
        infer(key, NoisyField(np.zeros(SHAPE), np.ones(SHAPE), NOISE))


def test_fields_and_noise_that_are_none_are_refused():
    with pytest.raises(ValueError, match="16 fields"):
        FieldSamples(np.zeros((3, 4, 4)))
    with pytest.raises(ValueError, match="noise > 0"):
        NoisyField(np.zeros((4, 4)), np.zeros((4, 4)), 0.0)
