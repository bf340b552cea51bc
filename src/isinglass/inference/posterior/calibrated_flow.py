# SPDX-License-Identifier: Apache-2.0
"""A trained density as wide as pairs tell that it was not trained on, or the regression it began as."""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.inference.posterior.neural_posterior import EmbeddedFlow

__all__ = ["best_flow", "excess", "latent_factor", "robust_width"]

RowPairs = tuple[Float[Array | np.ndarray, "_ d"], Float[Array | np.ndarray, "_ m"]]  # u and z
BATCH = 512  # pairs at once
FAR = 2.5  # widths
FEWEST = 10
LEAST = 0.3  # eigenvalue of a matrix of correlations
VARIANCE = 0.55  # of the logarithm of a width that n numbers tell, times n


def best_flow(linear: EmbeddedFlow, trained: EmbeddedFlow, own: RowPairs, other: RowPairs) -> EmbeddedFlow:
    """The trained flow with latent variables as `other` pairs tell; linear regression where that is better for them.

    A flow is too narrow for pairs that are not its own, the more so the fewer it was trained on, and what it errs by in
    one parameter goes with that in another: its latent variables are N(0, L Lᵀ) for others, see `latent_factor`.
    Few pairs of a normal law are told best by their regression, with which the training began.
    """
    latent, *log_q = told(trained, own, other)
    n = len(other[0])
    ours, regression = (np.asarray(a, float)[-n:] for a in log_q)
    if latent is not None:
        z = np.asarray(latent, float)
        L = latent_factor(z[:-n], z[-n:])
        trained = eqx.tree_at(lambda q: q.flow, trained, trained.flow.with_factor(L))
        gone = np.sum(z[-n:] ** 2, axis=1) - np.sum(np.linalg.solve(L, z[-n:].T) ** 2, axis=0)
        ours += gone / 2 - np.log(np.diag(L)).sum()
    return trained if ours.mean() > regression.mean() else linear


def latent_factor(own: Float[np.ndarray, "m N"], other: Float[np.ndarray, "n N"]) -> Float[np.ndarray, "N N"]:
    """L, lower triangular: L Lᵀ is the covariance of the other rows, as far as they tell, from their own on.

    ln s_i is that of the own rows, which are many, and what is in `excess` of it; so is each correlation, about 0.
    Rows beyond 2.5 widths count as there.  No variance along any direction is below `LEAST` of what the widths say.
    L = 1 where fewer than `FEWEST` rows of a side are finite.
    """
    own, other = sides = [z[np.isfinite(z).all(axis=1)] for z in (own, other)]
    if min(len(own), len(other)) < FEWEST:
        return np.eye(own.shape[1])
    widths = [robust_width(z) for z in sides]
    near = [np.clip(z / s, -FAR, FAR) for z, s in zip(sides, widths, strict=True)]
    pair = np.tril_indices(own.shape[1], -1)
    of_own, of_other = (np.atleast_2d(np.corrcoef(y, rowvar=False))[pair] for y in near)
    log_s = np.log(widths[0])
    log_s = log_s + excess(np.log(widths[1]) - log_s, VARIANCE / len(other))
    rho = excess(of_own, 1 / len(own), 0.0)
    rho = rho + excess(of_other - rho, 1 / len(other), 0.0)
    R = np.eye(len(log_s))
    R[pair] = rho
    R = R + np.tril(R, -1).T
    least = np.linalg.eigvalsh(R)[0]
    R = np.eye(len(R)) + (R - np.eye(len(R))) * min(1.0, (1 - LEAST) / max(1 - least, 1e-9))
    return np.exp(log_s)[:, None] * np.linalg.cholesky(R)


@eqx.filter_jit
def told(flow: EmbeddedFlow, own: RowPairs, other: RowPairs) -> tuple[Any, Any, Any]:
    """Latent variables of all pairs, ln q, and ln q of the regression, in whole batches (a few are left out)."""
    rows = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), own, other)
    n = len(rows[0])
    rows = jax.tree.map(lambda a: a[n % BATCH if n > BATCH else 0 :], rows)
    of = lambda u, z: ((q := flow.given(z)).latent(u), q.log_prob(u), q.regression_log_prob(u))  # noqa: E731
    return jax.lax.map(lambda pair: of(*pair), rows, batch_size=min(BATCH, n))


def robust_width(z: Float[np.ndarray, "n N"]) -> Float[np.ndarray, " N"]:
    """s with <min(z²/s², c²)> as of normal numbers: rare ones far out, which no width covers, count as c = 2.5.

    Error 0.74 s/√n (the deviation's: 0.71).  Ref: Huber 1964, doi:10.1214/aoms/1177703732, proposal 2.
    """
    c = FAR
    tail = math.erfc(c / 2**0.5)
    expected = 1 - tail - c * math.exp(-c * c / 2) * (2 / math.pi) ** 0.5 + c * c * tail
    s = np.std(z, axis=0)
    for _ in range(50):
        s = s * np.sqrt(np.mean(np.minimum((z / s) ** 2, c * c), axis=0) / expected)
    return s


def excess(delta: Float[np.ndarray, " N"], noise: float, mean: float | None = None) -> Float[np.ndarray, " N"]:
    """δ_i ~ N(μ, τ²), measured with variance `noise`: μ, and of each δ_i - μ the share τ²/(τ² + noise).

    μ is the mean of all where it is not known: one training is too narrow in all variables by about the same factor,
    which all of them tell better than each.  Ref: Efron and Morris 1973, doi:10.1080/01621459.1973.10481350.
    """
    if not len(delta):
        return delta
    known = mean is not None
    mu = mean if known else delta.mean()
    total = np.sum((delta - mu) ** 2) / max(1, len(delta) - (not known))  # τ² + noise
    return mu + (delta - mu) * max(0.0, 1 - noise / max(total, noise))
