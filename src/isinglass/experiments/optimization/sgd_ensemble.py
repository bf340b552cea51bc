# SPDX-License-Identifier: Apache-2.0
"""Many chains of noisy descent in one program: on quadratics, on least squares by minibatches, over a barrier."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Float

from isinglass.experiments.optimization.descent import descend
from isinglass.training.optimizer import Optimizer

__all__ = ["minibatch_moments", "passages", "quadratic_variances", "shares"]


@partial(jax.jit, static_argnames=("steps", "optimizer"))
def quadratic_variances(keys, eigenvalue, noise, optimizer: Optimizer, steps: int) -> Float[Array, "chains p"]:
    """Mean of w_i² over the second half of the steps, gradient λ_i w_i + σ z, in each chain."""

    def one(key):
        gradient = lambda w, key: eigenvalue * w + jnp.sqrt(noise) * jax.random.normal(key, w.shape)  # noqa: E731
        w = jnp.zeros(len(eigenvalue))
        along = descend(optimizer.transformation(steps), gradient, w, steps, jax.random.split(key, steps))[1]
        return jnp.mean(along[steps // 2 :] ** 2, axis=0)

    return jax.vmap(one)(keys)


@partial(jax.jit, static_argnames=("steps", "batch", "optimizer"))
def minibatch_moments(keys, X, y, optimizer: Optimizer, batch: int, steps: int) -> Float[Array, "chains p p"]:
    """Mean of δ δ^T over the second half of the steps, δ = w less the least squares, rows drawn with replacement."""
    best = jnp.linalg.solve(X.T @ X, X.T @ y)

    def one(key):
        def gradient(w, key):
            rows = jax.random.randint(key, (batch,), 0, len(X))
            return X[rows].T @ (X[rows] @ w - y[rows]) / batch

        along = descend(optimizer.transformation(steps), gradient, best, steps, jax.random.split(key, steps))[1]
        apart = along[steps // 2 :] - best[None]
        return apart.T @ apart / len(apart)

    return jax.vmap(one)(keys)


@partial(jax.jit, static_argnames=("gradient", "walkers", "most"))
def passages(key, gradient: Callable, rate, noise, start, end, walkers: int, most: int) -> Float[Array, " walkers"]:  # noqa: PLR0913
    """Steps of each walker from `start` to the first w >= `end`; `most` for one that is not there by then."""

    def running(state):
        t, w, _, _ = state
        return (t < most) & jnp.any(w < end)

    def step(state):
        t, w, passed, key = state
        key, now = jax.random.split(key)
        left = w < end
        moved = w - rate * gradient(w) + rate * jnp.sqrt(noise) * jax.random.normal(now, w.shape)
        return t + 1, jnp.where(left, moved, w), passed + left.astype(float), key

    begin = (0, jnp.full(walkers, start), jnp.zeros(walkers), key)
    return jax.lax.while_loop(running, step, begin)[2]


@partial(jax.jit, static_argnames=("gradient", "steps"))
def shares(keys, gradient: Callable, rate, noise, steps: int) -> Float[Array, " chains"]:
    """Share of the second half of the steps with w < 0, in each chain."""

    def one(key):
        noisy = lambda w, key: gradient(w) + jnp.sqrt(noise) * jax.random.normal(key)  # noqa: E731
        along = descend(optax.sgd(rate), noisy, jnp.zeros(()), steps, jax.random.split(key, steps))[1]
        return jnp.mean((along[steps // 2 :] < 0).astype(float))

    return jax.vmap(one)(keys)
