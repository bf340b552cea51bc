# SPDX-License-Identifier: Apache-2.0
"""The symmetry check on functions whose symmetry is known; planted: a network without it."""

import jax
import jax.numpy as jnp
import numpy as np
from tests.checks.alarms import SHARES

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


@SHARES
def test_threshold_is_relative_to_the_largest_value(share, verdict):
    """1e-5 of max |f|, of 1 where f is small; another where asked; only configurations with x_00 = 1 break it."""
    broken = lambda scale, off: lambda x: scale + jnp.where(x[0, 0] == 1, off, 0.0)  # noqa: E731
    judge = lambda f, **k: invariance(f, X, [jnp.negative], name="flip", **k).verdict  # noqa: E731
    assert judge(broken(100.0, share * 1e-3)) == verdict
    assert judge(broken(0.0, share * 1e-5)) == verdict
    assert judge(broken(1.0, share * 0.1), tolerance=0.1 / 1.1) == verdict
