# SPDX-License-Identifier: Apache-2.0
"""A density averaged over x -> -x is even, normalized and drawn from; a forgotten ½ or coin is seen."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.sampling.gaussians import Normal

from isinglass.checks.generative import normalized_by_quadrature, symmetric_density
from isinglass.nets.autoregressive.group_average import GroupAverage
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.run.model_file import load_model, save_model

MODEL = GroupAverage(Normal((2,), mean=1.5, scale=0.7))
BOX = ((-8.0, 8.0), (-8.0, 8.0))


def test_even_and_normalized(key):
    x = np.asarray(MODEL.sample(key, 50))
    assert symmetric_density(MODEL.log_prob, x, [jnp.negative], name="reflection").verdict == "pass"
    assert symmetric_density(MODEL.density.log_prob, x, [jnp.negative], name="reflection").verdict == "fail"
    assert normalized_by_quadrature(MODEL.log_prob, BOX).verdict == "pass"
    forgotten = lambda x: MODEL.log_prob(x) + jnp.float32(np.log(2))  # noqa: E731
    assert normalized_by_quadrature(forgotten, BOX).verdict == "fail"


@pytest.mark.parametrize("model", [MODEL, MODEL.density], ids=["mirrored", "planted: no coin"])
def test_draws_are_of_both_signs_with_their_density(key, model):
    """20 000 draws: <x> = 0 within 4 errors; ln q is that of log_prob."""
    x, log_q = jax.jit(lambda k: model.sample_with_log_prob(k, 20_000))(key)
    np.testing.assert_allclose(log_q, jax.vmap(model.log_prob)(x), atol=1e-4)
    x = np.asarray(x)[:, 0]
    assert (abs(x.mean()) < 4 * x.std() / 20_000**0.5) == (model is MODEL)


def test_saved_and_loaded(key, tmp_path):
    flow = GroupAverage(real_nvp(key, (4, 4), couplings=2, hidden=(8,), z2=False))
    save_model(tmp_path, flow)
    x = jax.random.normal(key, (4, 4), jnp.float32)
    assert float(load_model(tmp_path).log_prob(x)) == float(flow.log_prob(x))
