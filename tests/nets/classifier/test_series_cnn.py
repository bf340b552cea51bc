# SPDX-License-Identifier: Apache-2.0
"""Convolutions by blocks, against SciPy's correlation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.signal import correlate

from isinglass.nets.classifier.series_cnn import SeriesCNN, blocks


@pytest.mark.parametrize("length", [16, 17, 19])
def test_a_layer_is_a_correlation_with_strides(length):
    """Kernel of two blocks, stride of one, zeros beyond the end."""
    rng = np.random.default_rng(0)
    x, kernel = rng.normal(size=length), rng.normal(size=8)
    found = np.asarray(blocks(jnp.asarray(x)[:, None], 4)) @ kernel
    n = -(-length // 4)
    padded = np.concatenate([x, np.zeros((n + 1) * 4 - length)])
    np.testing.assert_allclose(found, correlate(padded, kernel, mode="valid")[::4][:n], rtol=1e-12)


@pytest.mark.parametrize("shape", [(40,), (2, 41)])
def test_shapes(shape):
    net = SeriesCNN(key=jax.random.key(0), in_shape=shape, filters=(3, 5), stride=4, hidden=(7,), out=2)
    assert net(jnp.ones(shape)).shape == (2,)


def test_channels_are_not_mixed_up():
    """A weight on the second channel alone sees no change of the first."""
    net = SeriesCNN(key=jax.random.key(0), in_shape=(2, 16), filters=(3,), stride=4, hidden=(4,))
    x = jax.random.normal(jax.random.key(1), (2, 16))
    W = net.layers[0].weight.reshape(3, 8, 2).at[:, :, 0].set(0.0).reshape(3, 16)
    alone = jax.tree.map(
        lambda a: W if a is net.layers[0].weight else a, net, is_leaf=lambda a: a is net.layers[0].weight
    )
    assert float(alone(x)[0]) == float(alone(x.at[0].add(1.0))[0])
    assert float(alone(x)[0]) != float(alone(x.at[1].add(1.0))[0])
