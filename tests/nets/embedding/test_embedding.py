# SPDX-License-Identifier: Apache-2.0
"""Networks that say data in a few numbers: their symmetries are exact, and what is not there does not count."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.embedding import ABSENT, DeepSet, LatticeScales, StridedCNN


def test_a_set_has_no_order_and_no_rows_of_nan(key):
    net = DeepSet(key=key, in_shape=(6, 2))
    x = jax.random.normal(key, (6, 2), jnp.float32)
    assert jnp.allclose(net(x), net(x[::-1]), atol=1e-5)
    gone = x.at[4:].set(ABSENT)
    assert jnp.allclose(net(gone), DeepSet(key=key, in_shape=(4, 2))(x[:4]), atol=1e-5)
    assert not jnp.allclose(net(gone), net(x), atol=1e-3)


@pytest.mark.parametrize("shape", [(16,), (8, 8), (4, 4, 4)])
def test_a_lattice_has_no_origin(key, shape):
    """Translated by a block of the coarsest level, the same to round-off; by one site it is not, but for one level."""
    net = LatticeScales(key=key, in_shape=shape)
    x = jax.random.normal(key, shape, jnp.float32)
    step = 2 ** (len(net.convolutions) - 1)
    moved = jnp.roll(x, step, axis=0)
    assert jnp.allclose(net(x), net(moved), atol=1e-5)
    assert not jnp.allclose(net(x), net(jnp.roll(x, 1, axis=0)), atol=1e-6)


@pytest.mark.parametrize(("shape", "dimension"), [((40,), 1), ((33, 2), 1), ((12, 20), 2), ((9, 9, 3), 2)])
def test_series_and_images_of_any_sides(key, shape, dimension):
    """One result of 32 numbers that depends on every entry."""
    net = StridedCNN(key=key, in_shape=shape, dimension=dimension)
    x = jax.random.normal(key, shape, jnp.float32)
    assert net(x).shape == (32,)
    slope = jax.jacobian(lambda x: net(x))(x)
    assert bool((jnp.abs(slope).sum(axis=0) > 0).all())


def test_noise_has_order_one_on_every_scale(key):
    """Blocks of white noise are white noise of the same deviation, to 4 errors."""
    from isinglass.nets.embedding.lattice_scales import blocks

    h = jax.random.normal(key, (64, 64, 1), jnp.float32)
    assert float(np.std(blocks(h))) == pytest.approx(1.0, abs=4 / np.sqrt(2 * 32 * 32))
