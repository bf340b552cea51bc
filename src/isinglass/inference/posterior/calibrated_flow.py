# SPDX-License-Identifier: Apache-2.0
"""A trained density as wide as pairs tell that it was not trained on, or the regression it began as."""

import math
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from isinglass.inference.posterior.neural_posterior import EmbeddedFlow

__all__ = ["best_flow", "excess", "latent_factor", "latent_moments", "robust_width"]

RowPairs = tuple[Float[Array | np.ndarray, "_ d"], Float[Array | np.ndarray, "_ m"]]  # u and z
BATCH = 512  # pairs at once
FAR = 2.5  # widths
FEWEST, FOLDS = 10, 5
LEAST = 0.3  # eigenvalue of a matrix of correlations
VARIANCE = 0.55  # of the logarithm of a width that n numbers tell, times n


def best_flow(linear: EmbeddedFlow, trained: EmbeddedFlow, own: RowPairs, other: RowPairs) -> EmbeddedFlow:
    """The trained flow with latent variables as `other` pairs tell; linear regression where that is better for them.

    A flow is too narrow for pairs that are not its own, the more so the fewer it was trained on, and what it errs by in
    one parameter goes with that in another: its latent variables are N(0, L Lᵀ) for others, see `latent_factor`.
    Few pairs of a normal law are told best by the regression that the training began with: the two are compared on
    each of `FOLDS` parts of the others, with L of the other parts.
    """
    latent, *log_q = told(trained, own, other)
    n = len(other[0])
    ours, regression = (np.asarray(a, float)[-n:] for a in log_q)
    if latent is not None:
        z = np.asarray(latent, float)
        z, of_own = z[-n:], latent_moments(z[:-n])
        trained = eqx.tree_at(lambda q: q.flow, trained, trained.flow.with_factor(latent_factor(of_own, z)))
        part = np.arange(n) % FOLDS
        for k in range(FOLDS):
            L, y = latent_factor(of_own, z[part != k]), z[part == k]
            gone = np.sum(y**2, axis=1) - np.sum(np.linalg.solve(L, y.T) ** 2, axis=0)
            ours[part == k] += gone / 2 - np.log(np.diag(L)).sum()
    return trained if ours.mean() > regression.mean() else linear


class LatentMoments(NamedTuple):
    """What rows of latent variables tell."""

    n: int
    log_s: Float[np.ndarray, " N"]  # of their widths
    rho: Float[np.ndarray, " pairs"]  # correlations, the lower triangle row by row


def latent_moments(z: Float[np.ndarray, "n N"]) -> LatentMoments:
    """Of the finite rows, none where they are fewer than `FEWEST` or one variable is constant.

    What is beyond 2.5 widths counts as there.
    """
    z = z[np.isfinite(z).all(axis=1)]
    N = z.shape[1]
    if len(z) < FEWEST or (np.ptp(z, axis=0) == 0).any():
        return LatentMoments(0, np.zeros(N), np.zeros(N * (N - 1) // 2))
    s = robust_width(z)
    R = np.atleast_2d(np.corrcoef(np.clip(z / s, -FAR, FAR), rowvar=False))
    return LatentMoments(len(z), np.log(s), R[np.tril_indices(N, -1)])


def latent_factor(own: LatentMoments, other: Float[np.ndarray, "n N"]) -> Float[np.ndarray, "N N"]:
    """L, lower triangular: L Lᵀ is the covariance of the other rows, as far as they tell, from their own on.

    ln s_i is that of the own rows, which are many, and what is in `excess` of it; so is each correlation, about 0.
    No variance along any direction is below `LEAST` of what the widths say.  L = 1 where rows are too few.
    """
    of_other, N = latent_moments(other), other.shape[1]
    if min(own.n, of_other.n) < FEWEST:
        return np.eye(N)
    log_s = own.log_s + excess(of_other.log_s - own.log_s, VARIANCE / of_other.n)
    rho = excess(own.rho, 1 / own.n, 0.0)
    rho = rho + excess(of_other.rho - rho, 1 / of_other.n, 0.0)
    off = np.zeros((N, N))
    off[np.tril_indices(N, -1)] = rho
    off = off + off.T
    least = np.linalg.eigvalsh(off)[0]  # of R - 1
    R = np.eye(N) + off * min(1.0, (1 - LEAST) / max(-least, 1e-9))
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
