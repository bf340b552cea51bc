# SPDX-License-Identifier: Apache-2.0
"""The perceptron against backpropagation by hand, ridge regression and the laws of batch norm."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.nets.layer.batch_norm import BatchNorm
from isinglass.nets.layer.mlp import MLP


def hand_gradient(net, x, target):
    """Backpropagation on paper for L = |f(x) - t|^2 / 2, f = W2 tanh(W1 x + b1) + b2, in NumPy."""
    (w1, b1), (w2, b2) = [(np.asarray(layer.weight), np.asarray(layer.bias)) for layer in net.layers]
    h = np.tanh(w1 @ x + b1)
    delta2 = w2 @ h + b2 - target
    delta1 = (w2.T @ delta2) * (1 - h**2)
    return [np.outer(delta1, x), delta1, np.outer(delta2, h), delta2]


def distance_to_hand(net, wrong=0.0):
    rng = np.random.default_rng(0)
    x, target = rng.normal(size=6), rng.normal(size=3)
    gradient = eqx.filter_grad(lambda net: ((net(jnp.asarray(x)) - target) ** 2).sum() / 2)(net)
    ours = [leaf for layer in gradient.layers for leaf in (layer.weight, layer.bias)]
    hand = hand_gradient(net, x + wrong, target)
    return max(np.abs(np.asarray(a) - b).max() for a, b in zip(ours, hand, strict=True))


def test_gradient_is_backpropagation_by_hand(key):
    net = MLP(key=key, in_shape=6, hidden=(5,), out=3, activation="tanh", dtype="float64")
    assert distance_to_hand(net) < 1e-12
    assert distance_to_hand(net, wrong=1e-6) > 1e-9  # planted: a wrong input


def test_dropout_on_linear_regression_is_ridge_in_expectation(key):
    """E|y - X diag(m) w|^2 = |y - X w|^2 + p/(1-p) sum_j (X^T X)_jj w_j^2, m inverted dropout masks.

    Mean of 2e5 independent masks, 5-sigma bound (false alarm 6e-7); a 3 % error in p/(1-p) is seen.
    """
    x_key, w_key, mask_key = jax.random.split(key, 3)
    x = jax.random.normal(x_key, (20, 4))
    y, w = x[:, 0] - x[:, 1], jax.random.normal(w_key, (4,))
    p = 0.3
    drop = eqx.nn.Dropout(p)
    losses = jax.vmap(lambda key: ((y - x @ drop(w, key=key)) ** 2).sum())(jax.random.split(mask_key, 200_000))
    penalty = ((x**2).sum(axis=0) * w**2).sum()
    plain = ((y - x @ w) ** 2).sum()
    error = float(losses.std()) / 200_000**0.5
    assert abs(float(losses.mean() - plain - penalty * p / (1 - p))) < 5 * error
    assert abs(float(losses.mean() - plain - penalty * 1.03 * p / (1 - p))) > 5 * error  # planted


def test_mlp_dropout_only_while_training(key):
    net = MLP(key=key, in_shape=(4, 4), out=2, dropout=0.5)
    x = jnp.ones((4, 4), jnp.int8)
    first, second = jax.random.split(key)
    assert not np.array_equal(net(x, key=first), net(x, key=second))
    still = eqx.nn.inference_mode(net)
    assert np.array_equal(still(x), still(x, key=second))


def normalized(layer, x):
    return jax.jit(jax.vmap(lambda row: layer(row)[0], axis_name="batch"))(x)


def test_batch_norm_output_has_mean_0_and_variance_1(key):
    x = 3.0 + 2.0 * jax.random.normal(key, (500, 8, 5))
    y = normalized(BatchNorm(5, epsilon=1e-12, dtype=jnp.float64), x)
    assert np.abs(y.mean(axis=(0, 1))).max() < 1e-12
    assert np.abs(y.var(axis=(0, 1)) - 1).max() < 1e-11
    stored = eqx.nn.inference_mode(BatchNorm(5, dtype=jnp.float64))  # planted: moments never measured
    assert np.abs(normalized(stored, x).mean(axis=(0, 1))).max() > 1


@pytest.mark.parametrize("batch_norm", [True, False])
def test_scale_invariance(key, batch_norm):
    """f(a W) = f(W) and gradient perpendicular to W; without the norm (planted) neither holds."""
    net = MLP(key=key, in_shape=6, out=2, batch_norm=batch_norm, dtype="float64")
    norms = tuple(BatchNorm(norm.channels, epsilon=0.0, dtype=jnp.float64) for norm in net.norms)
    net = eqx.tree_at(lambda n: n.norms, net, norms)
    net = eqx.tree_at(lambda n: n.layers[0].bias, net, jnp.zeros(100))
    x = jax.random.normal(key, (64, 6))
    f = eqx.filter_jit(lambda net: jax.vmap(net, axis_name="batch")(x))
    weight = lambda net: net.layers[0].weight  # noqa: E731
    scaled = eqx.tree_at(weight, net, 7.0 * weight(net))
    gradient = weight(eqx.filter_grad(lambda net: (f(net) ** 2).sum())(net))
    change = float(np.abs(f(scaled) - f(net)).max())
    along = float(jnp.abs((gradient * weight(net)).sum()) / jnp.linalg.norm(gradient))
    if batch_norm:
        assert change < 1e-11
        assert along < 1e-11
    else:
        assert change > 1e-2
        assert along > 1e-2


def test_stored_moments_reproduce_the_batch(key):
    net = MLP(key=key, in_shape=6, out=2, hidden=(7, 5), batch_norm=True, dtype="float64")
    x = jax.random.normal(key, (64, 6))
    y, moments = jax.jit(jax.vmap(net.forward, axis_name="batch"))(x)
    still = eqx.nn.inference_mode(net.with_moments(jax.tree.map(lambda each: each[0], moments)))
    assert np.abs(jax.jit(jax.vmap(still))(x) - y).max() < 1e-12


def test_unknown_activation_is_refused(key):
    with pytest.raises(ValueError, match="expected an activation among"):
        MLP(key=key, in_shape=2, out=1, activation="rectangle")
