# SPDX-License-Identifier: Apache-2.0
"""Networks with a random first layer, and linear models of some of the inputs: many data sets in one program."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from isinglass.exact.regression.random_features import RELU
from isinglass.experiments.regression.ridge_ensemble import fits

__all__ = ["FeatureRisks", "feature_risks", "weak_features"]


class FeatureRisks(NamedTuple):
    """Of each data set and penalty; the excess error for noise σ² is bias + 2 σ mixed + σ² variance."""

    bias: Float[Array, "samples penalties"]
    mixed: Float[Array, "samples penalties"]
    variance: Float[Array, "samples penalties"]


@partial(jax.jit, static_argnames=("d", "n", "p", "tested"))
def feature_risks(keys, d: int, n: int, p: int, penalties, tested: int) -> FeatureRisks:  # noqa: PLR0913
    """y = x·β + noise, |β| = 1, by √(d/p) a·(relu(W x) - μ_0); x of length √d, rows of W of length 1, all new."""

    def direction(key, rows):
        x = jax.random.normal(key, (rows, d))
        return x / jnp.linalg.norm(x, axis=1, keepdims=True)

    def one(key) -> FeatureRisks:
        key_x, key_test, key_W, key_noise = jax.random.split(key, 4)
        x, test = (d**0.5 * direction(k, rows) for k, rows in ((key_x, n), (key_test, tested)))
        W = direction(key_W, p)
        phi, phi_test = ((d / p) ** 0.5 * (jax.nn.relu(each @ W.T) - RELU.mean) for each in (x, test))
        fit = fits(phi, x[:, 0], jax.random.normal(key_noise, (n,)), penalties)  # β = the first axis
        wrong, noise = fit.signal @ phi_test.T - test[None, :, 0], fit.noise @ phi_test.T
        return FeatureRisks(*(jnp.mean(each, axis=1) for each in (wrong**2, wrong * noise, noise**2)))

    return jax.lax.map(one, keys)


@partial(jax.jit, static_argnames=("n", "p", "inputs"))
def weak_features(keys, n: int, p: int, inputs: int, noise) -> Float[Array, " samples"]:
    """Error of a new y = Σ_j x_j/√inputs + noise by the shortest least squares on p of the inputs."""

    def one(key):
        key_X, key_rest, key_noise = jax.random.split(key, 3)
        X = jax.random.normal(key_X, (n, p))
        w = 1 / inputs**0.5
        y = w * X.sum(axis=1) + jnp.sqrt(1 - p / inputs) * jax.random.normal(key_rest, (n,))
        y += jnp.sqrt(noise) * jax.random.normal(key_noise, (n,))
        found = fits(X, y, y, jnp.zeros(1)).signal[0]
        return jnp.sum((found - w) ** 2) + 1 - p / inputs + noise

    return jax.lax.map(one, keys)
