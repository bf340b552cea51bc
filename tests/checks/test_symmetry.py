# SPDX-License-Identifier: Apache-2.0
"""The symmetry check on functions whose symmetry is known; planted: a network without it."""

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.checks.symmetry import invariance
from isinglass.nets.classifier.pooled_cnn import PooledCNN
from isinglass.nets.layer.mlp import MLP

X = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), (20, 6, 6))
TRANSLATIONS = [lambda x, s=s: jnp.roll(x, s, axis=(0, 1)) for s in ((1, 0), (0, 1), (2, 3))]


def test_pooled_convolution_holds_translations(key):
    net = PooledCNN(key=key)
    assert invariance(lambda x: net(x)[0], X, TRANSLATIONS, name="translations").verdict == "pass"


def test_a_perceptron_does_not(key):
    net = MLP(key=key, in_shape=(6, 6), out=1)
    assert invariance(lambda x: net(x)[0], X, TRANSLATIONS, name="translations").verdict == "fail"


def test_flip_symmetry_of_the_energy():
    def E(x):
        s = x.astype(float)
        return -(s * (jnp.roll(s, 1, 0) + jnp.roll(s, 1, 1))).sum()

    assert invariance(E, X, [jnp.negative], name="spin flip").verdict == "pass"
    assert invariance(lambda x: E(x) + 0.01 * x.astype(float).sum(), X, [jnp.negative], name="field").verdict == "fail"
    assert jax.vmap(E)(jnp.asarray(X)).shape == (20,)
