# SPDX-License-Identifier: Apache-2.0
"""Losses, L(theta) = (1/n) sum_i w_i l(f_theta(x_i), y_i): what `fit` minimizes."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float, Key

__all__ = ["AbstractLoss", "CrossEntropy", "MeanSquare", "predict", "store_moments"]

Metrics = dict[str, Float[Array, ""]]


class AbstractLoss(eqx.Module):
    """loss(key, model, batch) -> (scalar, metrics), with batch = (x, y) or (x, y, w), the weights w of mean 1.

    Any function of this signature (or one that returns the scalar alone) will do. `fit` puts the model into inference
    mode for validation; a loss that also has `refresh(model, batch) -> model` lets it renew stored batch statistics,
    and `at(share) -> loss` is asked for the loss of each step, share (0, 1] of the run.
    """

    def refresh(self, model: Any, batch: tuple) -> Any:
        """The model with the moments of its batch norms measured on this batch."""
        return store_moments(model, batch[0])


class CrossEntropy(AbstractLoss):
    """L = -(1/n) sum_i w_i log softmax(f(x_i))[y_i], y_i the integer label.  Law: L >= the entropy H(y given x)."""

    def __call__(self, key: Key[Array, ""], model: Any, batch: tuple) -> tuple[Float[Array, ""], Metrics]:
        """Mean over the batch, and the accuracy."""
        x, y, *weights = batch
        logits = predict(key, model, x)
        each = optax.softmax_cross_entropy_with_integer_labels(logits, y)
        hit = (jnp.argmax(logits, axis=-1).astype(y.dtype) == y).astype(each.dtype)
        return weighted_mean(each, weights), {"accuracy": weighted_mean(hit, weights)}


class MeanSquare(AbstractLoss):
    """L = (1/n) sum_i w_i |f(x_i) - y_i|^2.  Law: the minimum over all f is the conditional mean E(y given x)."""

    def __call__(self, key: Key[Array, ""], model: Any, batch: tuple) -> tuple[Float[Array, ""], Metrics]:
        """Mean over the batch of the squared distance, summed over outputs."""
        x, y, *weights = batch
        residual = (predict(key, model, x) - y).reshape(y.shape[0], -1)
        return weighted_mean((residual**2).sum(axis=1), weights), {}


def predict(key: Key[Array, ""], model: Any, x: Any) -> Float[Array, "batch ..."]:
    """f(x_i) for a batch, one key per sample; the batch axis is named "batch" for batch norm."""
    keys = jax.random.split(key, jax.tree.leaves(x)[0].shape[0])
    return jax.vmap(lambda x, key: model(x, key=key), axis_name="batch")(x, keys)


def weighted_mean(values: Float[Array, " n"], weights: list) -> Float[Array, ""]:
    """(1/n) sum_i w_i v_i: divided by n, not by sum w, so that minibatches are unbiased."""
    return (values * weights[0].astype(values.dtype)).mean() if weights else values.mean()


def store_moments(model: Any, x: Any) -> Any:
    """Measure every batch norm's mean and variance on x with the weights as they are; without any, the model itself."""
    if not getattr(model, "batch_norm", False):
        return model
    training = eqx.nn.inference_mode(model, value=False)
    keys = jax.random.split(jax.random.key(0), x.shape[0])
    _, moments = jax.vmap(training.forward, axis_name="batch")(x, keys)
    return model.with_moments(jax.tree.map(lambda each: each[0], moments))
