# SPDX-License-Identifier: Apache-2.0
"""Augmentation against its exact theory: augmented least squares is the projection on what is invariant."""

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.nets.layer.mlp import MLP
from isinglass.symmetry.euclidean import Euclidean
from isinglass.symmetry.permutation import Permutation
from isinglass.training.augmentation import augmented
from isinglass.training.fit import fit
from isinglass.training.loss import MeanSquare
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

RNG = np.random.default_rng(0)


def trained(key, loss, x, y, rate=0.1, steps=1500):
    net = MLP(key=key, in_shape=x.shape[1:], out=y.shape[1], hidden=(), dtype="float64")
    settings = Training(Optimizer("sgd", rate, "cosine"), steps=steps, batch_size=len(x), block=500, ema=0.99)
    return fit(key, net, loss, (x, y), settings=settings).model


def test_linear_weights_become_those_of_the_averaged_gram_matrix(key):
    """Row 62: ridge on all images = ridge with the averaged Gram matrix; for exchanges all weights become equal.

    Not so without augmentation.  The noise of the images that are drawn is 1 % at this length.
    """
    x = RNG.normal(size=(40, 3))
    y = x @ np.array([[1.0], [2.0], [6.0]])
    gram = np.mean(
        [x[:, p].T @ x[:, p] for p in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])], axis=0
    )
    mean = np.mean([x[:, p].T @ y for p in ([0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0])], axis=0)
    net = trained(key, augmented(Permutation(3)), jnp.asarray(x), jnp.asarray(y))
    bias = np.linalg.solve(
        np.block([[gram, 40 * np.full((3, 1), x.mean())], [40 * np.full((1, 3), x.mean()), np.full((1, 1), 40.0)]]),
        np.concatenate([mean, [[y.sum()]]]),
    )
    assert np.allclose(net.layers[0].weight[0], bias[:3, 0], atol=0.1)
    plain = trained(key, MeanSquare(), jnp.asarray(x), jnp.asarray(y))
    assert np.allclose(plain.layers[0].weight[0], [1, 2, 6], atol=1e-2)


def test_labels_are_transformed_with_the_samples():
    """A force field that is its own image costs nothing under the augmented loss; one of another group does."""
    x = jnp.asarray(RNG.normal(size=(50, 4, 3)))
    forces = lambda x, key=None: x - x.mean(axis=0, keepdims=True)  # noqa: E731
    y = jax.vmap(forces)(x)
    score = lambda output: float(augmented(Euclidean(3), output=output)(jax.random.key(0), forces, (x, y))[0])  # noqa: E731
    assert score("vector") < 1e-20
    assert score("scalar") > 1
