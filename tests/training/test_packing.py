# SPDX-License-Identifier: Apache-2.0
"""Numbers of a network in few vectors: the same numbers, and the same training as optax does on the network itself."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from isinglass import training
from isinglass.training.packing import packing_of, shrinks


def network(key):
    """Matrices, biases, an integer, a key, a scalar, an empty array, complex numbers."""
    a, b = jax.random.split(key)
    return {
        "W": jax.random.normal(a, (3, 4), jnp.float32), "b": jnp.arange(4, dtype=jnp.float32), "n": jnp.arange(2),
        "key": b, "s": jnp.float32(2.5), "none": None, "empty": jnp.zeros((0, 3), jnp.float32),
        "c": jnp.asarray([1 + 2j, 3j], jnp.complex64), "kernel": jnp.ones((2, 3, 1), jnp.float32),
    }  # fmt: skip


def test_unpacked_is_what_was_packed(key):
    tree = network(key)
    packing = packing_of(tree)
    packed = packing.pack(tree)
    again = packing.unpack(packed)
    assert jax.tree.structure(again) == jax.tree.structure(tree)
    for a, b in zip(jax.tree.leaves(tree), jax.tree.leaves(again), strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert bool(jnp.all(a == b))
    assert packed.vectors["float32 matrices"].shape == (12 + 0 + 6,)  # W, kernel
    assert packed.vectors["float32"].shape == (4 + 1,)  # b, s
    assert shrinks(packed).vectors == {"complex64": False, "float32": False, "float32 matrices": True}


@pytest.mark.parametrize("name", ["adam", "adamw", "momentum", "muon", "sgd"])
def test_training_is_that_of_the_network_itself(key, name):
    """Optax on the tree, one step after the other, with clip and weight decay of matrices alone."""
    model = {"W": jax.random.normal(key, (3, 2), jnp.float32), "b": jnp.ones(2, jnp.float32)}
    x = jnp.asarray(np.random.default_rng(0).normal(size=(16, 3)), jnp.float32)
    loss = lambda key, m, batch: jnp.mean((batch[0] @ m["W"] + m["b"][None] - jnp.float32(3)) ** 2)  # noqa: E731
    optimizer = training.Optimizer(name, 0.05, "cosine", weight_decay=0.3, clip=0.7)
    settings = training.Training(optimizer, steps=20, batch_size=16, block=20)
    found = training.fit.fit(key, model, loss, (x,), settings=settings)
    rule = optimizer.transformation(20)
    state = rule.init(model)
    for _ in range(20):
        updates, state = rule.update(eqx.filter_grad(lambda m: loss(None, m, (x,)))(model), state, model)
        model = optax.apply_updates(model, updates)
    for name in model:
        np.testing.assert_allclose(found.model[name], model[name], rtol=2e-5, atol=1e-6)
