# SPDX-License-Identifier: Apache-2.0
"""Odd features change sign with the spins; ordinary ones do not."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.classifier.pooled_cnn import PooledCNN


@pytest.mark.parametrize("odd", [True, False])
def test_the_mean_over_the_lattice_cannot_hold_the_energy_of_odd_features(key, odd):
    """A head that adds up the features is odd under s -> -s, whatever the weights; with ReLU (planted) it is not."""
    keys = jax.random.split(key, 3)
    net = PooledCNN(key=keys[0], odd=odd)
    x = jax.random.rademacher(keys[1], (6, 6), jnp.float32)
    bias = jax.random.normal(keys[2], net.convolution.bias.shape, jnp.float32)
    net = eqx.tree_at(lambda n: (n.head, n.convolution.bias), net, (lambda z: z.sum(keepdims=True), bias))
    plus, minus = net(x), net(-x)
    assert (np.abs(plus + minus).max() < 1e-6) == odd
