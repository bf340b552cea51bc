"""A mean that does not know in which order, or in which shards, its numbers came; a plain one does."""

import math

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.stats.fixed_point import fixed_point_mean


def means(mean, x, rng):
    """The mean of the same numbers in 20 orders."""
    return np.array([float(mean(jnp.asarray(rng.permutation(x)))) for _ in range(20)])


def test_the_order_does_not_matter_to_the_last_bit():
    rng = np.random.default_rng(0)
    x = rng.normal(size=1000) * np.exp(rng.normal(size=1000))
    found = means(jax.jit(fixed_point_mean), x, rng)
    assert np.all(found == found[0])
    assert abs(found[0] - math.fsum(x) / 1000) < 1e-6
    assert len(set(means(jax.jit(jnp.mean), x, rng))) > 1  # planted: what floating point does
