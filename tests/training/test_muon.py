# SPDX-License-Identifier: Apache-2.0
"""Steps of matrices along the nearest orthogonal one: beside a decomposition, beside optax, on a steep valley."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from isinglass.nets.layer.mlp import MLP
from isinglass.training import Optimizer
from isinglass.training.ensemble import fit_ensemble, member
from isinglass.training.fit import fit
from isinglass.training.loss import MeanSquare
from isinglass.training.muon import orthogonal, scale_by_muon
from isinglass.training.setting import Training


def arrays(net):
    """Of a network, in order."""
    return jax.tree.leaves(eqx.filter(net, eqx.is_inexact_array))


@pytest.mark.parametrize("shape", [(6, 6), (3, 8), (8, 3), (2, 4, 5), (1, 7)])
def test_singular_vectors_stay_and_singular_values_become_about_one(key, shape):
    G = jax.random.normal(key, shape)
    U, S, V = np.linalg.svd(np.asarray(G), full_matrices=False)
    T = np.swapaxes(U, -1, -2) @ np.asarray(orthogonal(G)) @ np.swapaxes(V, -1, -2)
    values = np.diagonal(T, axis1=-2, axis2=-1)
    np.testing.assert_allclose(T - values[..., None] * np.eye(S.shape[-1]), 0, atol=1e-12)
    wide = S > 0.01 * np.linalg.norm(S, axis=-1, keepdims=True)
    assert np.all((values[wide] > 0.67) & (values[wide] < 1.15))


def test_a_matrix_of_zeros_stays_zero_and_size_does_not_matter(key):
    G = jax.random.normal(key, (4, 3), jnp.float32)
    assert np.all(np.asarray(orthogonal(jnp.zeros((4, 3), jnp.float32))) == 0)
    np.testing.assert_allclose(orthogonal(1e-12 * G), orthogonal(G), rtol=1e-4, atol=1e-5)
    assert orthogonal(G).dtype == jnp.float32


def test_a_step_is_that_of_optax(key):
    """Without momentum: optax divides the mean by 1 - μ^t, which changes no direction."""
    G = {"W": jax.random.normal(key, (5, 3)), "V": jax.random.normal(jax.random.fold_in(key, 1), (4, 4))}
    theirs = optax.contrib.muon(1.0, consistent_rms=0.2, beta=0.0, nesterov=False)
    ours = scale_by_muon(0.0)
    with jax.numpy_dtype_promotion("standard"):
        want = theirs.update(G, theirs.init(G), G)[0]
    found = ours.update(G, ours.init(G))[0]
    for name in G:
        np.testing.assert_allclose(-found[name], want[name], rtol=1e-5, atol=1e-6)


def test_the_second_step_looks_ahead_along_its_momentum(key):
    """M = μ(1 - μ)G_1 + (1 - μ)G_2; u along μM + (1 - μ)G_2, as wide as 0.2 of each number of an orthogonal matrix."""
    mu, (first, second) = 0.9, jax.random.normal(key, (2, 3, 12))
    rule = scale_by_muon(mu)
    _, state = rule.update(first, rule.init(first))
    found, _ = rule.update(second, state)
    M = mu * (1 - mu) * first + (1 - mu) * second
    np.testing.assert_allclose(found, 0.2 * 12**0.5 * orthogonal(mu * M + (1 - mu) * second), rtol=1e-12, atol=1e-12)
    assert 0.15 < float(jnp.sqrt(jnp.mean(found**2))) < 0.25


def test_weight_decay_shrinks_matrices_apart_from_the_direction(key):
    W = {"W": jax.random.normal(key, (3, 4)), "b": jnp.ones(4)}
    rule = Optimizer("muon", 0.1, weight_decay=0.5).transformation(10)
    update, _ = rule.update(jax.tree.map(jnp.zeros_like, W), rule.init(W), W)
    np.testing.assert_allclose(update["W"], -0.05 * W["W"], rtol=1e-6)
    assert np.all(np.asarray(update["b"]) == 0)


def test_rows_by_themselves_step_as_biases_do(key):
    """The readout of one energy: Adam's first step is η sign g, whatever the axes are called."""
    G = {"row": jax.random.normal(key, (1, 6)), "column": jax.random.normal(key, (2, 6, 1)), "b": jnp.arange(1.0, 4)}
    rule = Optimizer("muon", 0.1).transformation(10)
    update, _ = rule.update(G, rule.init(G), G)
    for name, g in G.items():
        np.testing.assert_allclose(update[name], -0.1 * np.sign(g), rtol=1e-5)


def test_members_of_an_ensemble_are_the_runs_alone(key):
    x = jax.random.normal(key, (24, 5), jnp.float32)
    data = (x, jnp.sum(x, axis=1, keepdims=True) ** 2)
    made = lambda key: MLP(key=key, in_shape=5, hidden=(8, 8), out=1)  # noqa: E731
    settings = Training(Optimizer("muon", 0.02, momentum=0.95), steps=12, batch_size=8, block=6)
    keys = jax.random.split(key, 2)
    both = fit_ensemble(keys, made, MeanSquare(), data, settings=settings)
    for i in range(2):
        key_net, key_run = jax.random.split(keys[i])
        alone = fit(key_run, made(key_net), MeanSquare(), data, settings=settings)
        for a, b in zip(arrays(member(both.model, i)), arrays(alone.model), strict=True):
            np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-4)


def test_narrow_valleys_that_no_axis_follows_are_left_sooner_than_by_adam(key):
    """½ tr Wᵀ H W, the eigenvalues of H over three decades: loss after 200 steps at the best of many rates."""
    Q = jnp.linalg.qr(jax.random.normal(key, (16, 16)))[0]
    H, start = (
        (Q * 10.0 ** -jnp.linspace(0, 3, 16)[None]) @ Q.T,
        jax.random.normal(jax.random.fold_in(key, 1), (16, 16)),
    )
    loss = lambda W: 0.5 * jnp.sum(W * (H @ W))  # noqa: E731

    def least(name: str, momentum: float) -> float:
        found = []
        for rate in (0.01, 0.03, 0.1, 0.3, 1.0):
            rule = Optimizer(name, rate, "cosine", momentum=momentum).transformation(200)

            def step(carry, _, rule=rule):
                update, state = rule.update(H @ carry[0], carry[1], carry[0])
                return (carry[0] + update, state), None

            found.append(float(loss(jax.lax.scan(step, (start, rule.init(start)), None, length=200)[0][0])))
        return min(found) / float(loss(start))

    assert least("muon", 0.95) < 0.1 * min(least("adam", 0.9), least("momentum", 0.9))
