# SPDX-License-Identifier: Apache-2.0
"""Ridge regression on many data sets, all penalties of each at once: one compiled program."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["Fits", "RidgeRisks", "fits", "least_squares", "ridge_risks"]


class Fits(NamedTuple):
    """What ridge makes of the target alone and of the noise alone: the fit of y = f + σ ε is signal + σ noise."""

    signal: Float[Array, "penalties p"]
    noise: Float[Array, "penalties p"]


class RidgeRisks(NamedTuple):
    """Of each data set and penalty; the excess error for noise σ² is bias + 2 σ mixed + σ² variance."""

    bias: Float[Array, "samples penalties"]  # excess error of the fit without noise
    mixed: Float[Array, "samples penalties"]
    variance: Float[Array, "samples penalties"]  # of the fit of noise alone
    mean_bias: Float[Array, "samples penalties"]  # product of the errors of two data sets: of the mean fit


def fits(
    X: Float[Array, "n p"], f: Float[Array, " n"], noise: Float[Array, " n"], penalties: Float[Array, " penalties"]
) -> Fits:
    """w of the smallest (1/n) |y - X w|² + λ |w|²; λ = 0: the shortest of least squares, for p ≠ n.

    w = X^T (X X^T + n λ)^-1 y = (X^T X + n λ)^-1 X^T y, by the spectrum of the smaller matrix.
    """
    n, p = X.shape
    s, U = jnp.linalg.eigh(X @ X.T if n <= p else X.T @ X)

    learned = lambda a: a[None] / (s[None] + n * penalties[:, None])  # noqa: E731

    def fit(y):
        if n <= p:
            return learned(U.T @ y) @ (U.T @ X)
        return learned(U.T @ (X.T @ y)) @ U.T

    return Fits(fit(f), fit(noise))


@partial(jax.jit, static_argnames=("n",))
def ridge_risks(keys, n: int, w, eigenvalue, penalties) -> RidgeRisks:
    """y = x·w + noise, normal x of covariance diag(eigenvalue), n rows; two data sets for each key."""

    def errors(key):
        key_X, key_noise = jax.random.split(key)
        X = jax.random.normal(key_X, (n, len(w))) * jnp.sqrt(eigenvalue)[None]
        fit = fits(X, X @ w, jax.random.normal(key_noise, (n,)), penalties)
        return fit._replace(signal=fit.signal - w[None])

    def one(key) -> RidgeRisks:
        first, second = (errors(k) for k in jax.random.split(key))
        product = lambda a, b: (a * b) @ eigenvalue  # noqa: E731
        both = [(product(e.signal, e.signal), product(e.signal, e.noise), product(e.noise, e.noise))
                for e in (first, second)]  # fmt: skip
        return RidgeRisks(*(sum(each) / 2 for each in zip(*both, strict=True)), product(first.signal, second.signal))  # pyright: ignore[reportCallIssue]

    return jax.lax.map(one, keys)


@partial(jax.jit, static_argnames=("n", "p"))
def least_squares(keys, n: int, p: int, noise) -> Float[Array, "samples kinds"]:
    """Mean squared residual of the n rows and of n new ones; tr (X^T X)^-1, and the same variance by random weights."""

    def one(key):
        key_X, key_y, key_test, key_a, key_w = jax.random.split(key, 5)
        w = jax.random.normal(key_w, (p,))
        X, test = (jax.random.normal(k, (n, p)) for k in (key_X, key_test))
        y, y_test = (A @ w + jnp.sqrt(noise) * jax.random.normal(k, (n,))
                     for A, k in zip((X, test), jax.random.split(key_y), strict=True))  # fmt: skip
        inverse = jnp.linalg.inv(X.T @ X)
        found = inverse @ (X.T @ y)
        a = jax.random.uniform(key_a, (n, 1), minval=0.5, maxval=1.5)
        other = jnp.linalg.solve(X.T @ (a * X), (a * X).T)  # of weights a: unbiased too
        return jnp.stack([jnp.mean((y - X @ found) ** 2), jnp.mean((y_test - test @ found) ** 2), jnp.trace(inverse),
                          jnp.sum(other**2)])  # fmt: skip

    return jax.lax.map(one, keys)
