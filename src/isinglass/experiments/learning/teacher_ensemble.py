# SPDX-License-Identifier: Apache-2.0
"""Samples of teachers with their rows: message passing and students of empirical risk, each in one compiled program."""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.exact.learning.generalized_linear import AbstractOutput
from isinglass.exact.learning.scalar_prior import AbstractScalarPrior, NormalPrior
from isinglass.inference.message_passing.generalized import GeneralizedPassing

__all__ = ["Passed", "hinge_errors", "lasso_errors", "passed_samples", "student_errors"]

BYTES = 2**29  # of rows at once
NEWTON = 8  # steps
CONJUGATE = 60  # steps of conjugate gradients in each; the condition number is below 1 + (1 + √α)²/λ


class Passed(NamedTuple):
    """Of each sample and step."""

    overlap: Float[Array, "samples steps"]  # m·x/N
    error: Float[Array, "samples steps"]  # |m - x|²/N
    cosine: Float[Array, "samples steps"]  # of m and x


@partial(jax.jit, static_argnames=("n", "N", "steps"))
def passed_samples(  # noqa: PLR0913
    keys, n: int, N: int, prior: AbstractScalarPrior, output: AbstractOutput, steps: int, start
) -> Passed:
    """From `start` times the teacher and 1/√N of a random one, whose overlap is as large as its square: 1/N."""

    def one(key) -> Passed:
        x, F, y, key_start = rows(key, n, N, prior, output)
        nearly_nothing = jax.random.normal(key_start, (N,)) / jnp.sqrt(N)
        passing = GeneralizedPassing(prior, output)

        def step(state, _):
            state = passing.step(state, F, y)
            m = state.m
            return state, Passed(m @ x / N, jnp.mean((m - x) ** 2), m @ x / jnp.sqrt((m @ m) * (x @ x)))

        return jax.lax.scan(step, passing.init(n, start * x + nearly_nothing, 1 - start**2 + 1 / N), length=steps)[1]

    return jax.lax.map(one, keys, batch_size=max(1, min(len(keys), BYTES // (16 * n * N))))


def rows(key, n: int, N: int, prior: AbstractScalarPrior, output: AbstractOutput):
    """A teacher, F = X/√N, what is seen of each row, and a key that is left."""
    key_x, key_F, key_y, key_left = jax.random.split(key, 4)
    x = prior.samples(key_x, N)
    F = jax.random.normal(key_F, (n, N)) / jnp.sqrt(N)
    return x, F, output.seen(key_y, F @ x), key_left


@partial(jax.jit, static_argnames=("n", "N"))
def student_errors(keys, n: int, N: int, output: AbstractOutput, penalty) -> dict[str, Float[Array, " samples"]]:
    """Share of wrong signs, arccos(cosine)/π, of Hebb's rule, of the square loss and of the logistic loss."""

    def one(key):
        x, F, y, _ = rows(key, n, N, NormalPrior(), output)

        def solved(curvature, b):
            product = lambda w: F.T @ (curvature * (F @ w)) + penalty * w  # noqa: E731
            return jax.scipy.sparse.linalg.cg(product, b, tol=1e-10, maxiter=CONJUGATE)[0]

        def newton(w, _):
            p = jax.nn.sigmoid(-y * (F @ w))
            return w - solved(p * (1 - p), penalty * w - F.T @ (y * p)), None

        w = {"Hebb": F.T @ y, "square": solved(jnp.ones(n), F.T @ y),
             "logistic": jax.lax.scan(newton, jnp.zeros(N), length=NEWTON)[0]}  # fmt: skip
        return {name: jnp.arccos(v @ x / jnp.sqrt((v @ v) * (x @ x))) / jnp.pi for name, v in w.items()}

    return jax.lax.map(one, keys, batch_size=max(1, min(len(keys), BYTES // (64 * N * n))))


def hinge_errors(keys, n: int, N: int, output: AbstractOutput, penalty: float) -> Float[np.ndarray, " samples"]:
    """The same of the hinge loss, by LIBLINEAR."""
    from sklearn.svm import LinearSVC

    found = []
    for key in keys:
        x, F, y, _ = (np.asarray(a) for a in rows(key, n, N, NormalPrior(), output)[:3] + (0,))
        fit = LinearSVC(loss="hinge", C=1 / penalty, fit_intercept=False, tol=1e-6, max_iter=100_000, random_state=0)
        w = fit.fit(F, y).coef_[0]
        found.append(np.arccos(w @ x / np.sqrt((w @ w) * (x @ x))) / np.pi)
    return np.array(found)


def lasso_errors(  # noqa: PLR0913
    keys, n: int, N: int, prior: AbstractScalarPrior, output: AbstractOutput, penalty: float
) -> tuple[Float[np.ndarray, " samples"], Float[np.ndarray, " samples"]]:
    """|w - x|²/N and the share of w that is not 0, by coordinate descent of scikit-learn."""
    from sklearn.linear_model import Lasso

    error, nonzero = [], []
    for key in keys:
        x, F, y = (np.asarray(a) for a in rows(key, n, N, prior, output)[:3])
        w = Lasso(alpha=penalty / n, fit_intercept=False, tol=1e-8, max_iter=100_000).fit(F, y).coef_
        error.append(np.mean((w - x) ** 2))
        nonzero.append(np.mean(w != 0))
    return np.array(error), np.array(nonzero)
