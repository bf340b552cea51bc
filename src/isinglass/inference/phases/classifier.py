# SPDX-License-Identifier: Apache-2.0
"""Networks that say how likely a configuration is ordered, P(ordered | x) = 1 / (1 + exp(-z(x))).

Ref: Carrasquilla & Melko 2017, arXiv:1605.01735.
"""

from math import prod
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.nets.classifier.classifier import Classifier
from isinglass.nets.classifier.pooled_cnn import PooledCNN
from isinglass.nets.layer.mlp import MLP
from isinglass.training.ensemble import fit_ensemble
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

__all__ = ["Network", "binary_cross_entropy", "logits", "train_classifiers"]

Network = Literal["mlp", "cnn"]


def make_classifier(
    key, network: Network, shape: tuple[int, ...], *, hidden: int, filters: int, kernel: int, odd: bool = False
):
    """One network with random weights for configurations of this shape."""
    if network == "mlp":
        return Classifier(MLP(key=key, in_shape=shape, out=1, hidden=(hidden,)), scale=prod(shape) ** -0.5)
    channels = prod(shape[2:])
    cnn = PooledCNN(key=key, channels=channels, kernel=kernel, filters=filters, hidden=hidden, odd=odd)
    return Classifier(cnn, scale=1.0)


def binary_cross_entropy(key, model, batch) -> Float[Array, ""]:
    """L = (1/n) Σ_i [log(1 + exp z_i) - y_i z_i], y_i = 1 where x_i is ordered."""
    x, y = batch
    z = jax.vmap(model)(x)
    return jnp.mean(jax.nn.softplus(z) - y * z)


def train_classifiers(key, x: Shaped[np.ndarray, "n *site"], ordered: Shaped[np.ndarray, " n"], settings) -> Classifier:
    """`settings.members` networks, each from its own random weights and batches, with a leading member axis.

    `settings` names network, hidden, filters, kernel and the optimizer (see `Supervised`).
    """
    optimizer = Optimizer(
        settings.optimizer,
        settings.learning_rate,
        weight_decay=settings.weight_decay,
        schedule=settings.schedule,
    )
    training = Training(optimizer, steps=settings.steps, batch_size=settings.batch_size, block=settings.steps)
    knobs = {"hidden": settings.hidden, "filters": settings.filters, "kernel": settings.kernel, "odd": settings.odd}
    make = lambda k: make_classifier(k, settings.network, x.shape[1:], **knobs)  # noqa: E731
    data = (jnp.asarray(x), jnp.asarray(ordered, jnp.float32))
    keys = jax.random.split(key, settings.members)
    return fit_ensemble(keys, make, binary_cross_entropy, data, settings=training).model


def logits(classifiers: Classifier, x: Shaped[np.ndarray, "n *site"], *, chunk: int = 1024) -> np.ndarray:
    """z of every member for every configuration, [members, n].  Memory: chunk · N · members floats."""
    rows = [evaluate(classifiers, jnp.asarray(part)) for part in chunks(x, chunk)]
    return np.concatenate([np.asarray(row) for row in rows], axis=1)[:, : len(x)].astype(float)


def chunks(x: Shaped[np.ndarray, "n *site"], size: int):
    """Parts of one size, so that one program is compiled; the last is padded with the last row."""
    size = min(size, len(x))
    for start in range(0, len(x), size):
        part = x[start : start + size]
        yield np.concatenate([part, np.repeat(part[-1:], size - len(part), axis=0)])


@eqx.filter_jit
def evaluate(classifiers: Classifier, x: Shaped[Array, "n *site"]) -> Float[Array, "members n"]:
    """z of every member."""
    return eqx.filter_vmap(lambda model: jax.vmap(model)(x), in_axes=eqx.if_array(0))(classifiers)
