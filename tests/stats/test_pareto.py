# SPDX-License-Identifier: Apache-2.0
"""Tail shape of importance weights against ArviZ, and against tails whose shape is known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from arviz_stats.base import array_stats

from isinglass.stats import pareto

pareto_k, smoothed = jax.jit(pareto.pareto_k), jax.jit(pareto.smoothed_log_weights)


def weights(key, kind, n):
    u = jax.random.uniform(key, (n,))
    z = jax.random.normal(key, (n,))
    return {
        "uniform": jnp.log1p(-u),
        "lognormal": z,
        "wide lognormal": 5 * z,
        "pareto 0.5": -0.5 * jnp.log1p(-u),
        "pareto 1.5": -1.5 * jnp.log1p(-u),
        "far from zero": -1e4 + z,
        "support left": jnp.where(u < 0.3, -jnp.inf, z),
    }[kind]


KINDS = ["uniform", "lognormal", "wide lognormal", "pareto 0.5", "pareto 1.5", "far from zero", "support left"]


@pytest.mark.parametrize("n", [60, 1000, 5001])
@pytest.mark.parametrize("kind", KINDS)
def test_shape_and_smoothed_weights_are_those_of_arviz(key, kind, n):
    log_weight = weights(key, kind, n)
    theirs, k = array_stats.psislw(-np.asarray(log_weight))
    assert float(pareto_k(log_weight)) == pytest.approx(float(k), abs=1e-9)
    ours = np.asarray(smoothed(log_weight))
    np.testing.assert_allclose(np.exp(ours - np.logaddexp.reduce(ours)), np.exp(theirs), rtol=1e-8, atol=1e-14)


@pytest.mark.parametrize("k", [0.2, 0.7, 1.2])
def test_shape_of_an_exact_pareto_tail_is_found(key, k):
    """w = u^-k: 200 samples of 4000 draws, M = 190, standard error of k about (1 + k)/√M / √200 = 0.012."""
    u = jax.random.uniform(key, (200, 4000))
    found = jax.jit(jax.vmap(pareto.pareto_k))(-k * jnp.log1p(-u))
    prior = (190 * k + 5) / 200  # towards ½
    assert abs(float(found.mean()) - prior) < 4 * (1 + k) / 190**0.5 / 200**0.5 + 0.02


def test_a_planted_wrong_sign_is_caught(key):
    """1/w has a light tail where w has a heavy one: a sign error in ln w cannot pass."""
    log_weight = weights(key, "pareto 1.5", 4000)
    assert float(pareto_k(log_weight)) > 1.2
    assert float(pareto_k(-log_weight)) < 0.7


def test_equal_and_tied_weights_are_light(key):
    assert float(pareto_k(jnp.zeros(100))) == -jnp.inf
    np.testing.assert_array_equal(smoothed(jnp.zeros(100)), np.zeros(100))
    tied = jnp.floor(4 * jax.random.uniform(key, (1000,)))
    assert float(pareto_k(tied)) < 0.7
    assert np.isfinite(smoothed(tied)).all()
