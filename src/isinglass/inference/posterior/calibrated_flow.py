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

__all__ = ["Pairs", "best_flow", "excess", "robust_width"]

Pairs = tuple[Float[Array | np.ndarray, "_ d"], Float[Array | np.ndarray, "_ m"]]  # u and z
BATCH = 512  # pairs at once
FAR = 2.5  # widths
VARIANCE = 0.55  # of the logarithm of a width that n numbers tell, times n


def best_flow(linear: EmbeddedFlow, trained: EmbeddedFlow, own: Pairs, other: Pairs) -> EmbeddedFlow:
    """The trained flow as wide as `other` pairs tell; linear regression where that is better for them.

    A flow is too narrow for pairs that are not its own, the more so the fewer it was trained on.  The width of its
    latent variables is that of its own pairs, which are many, times exp δ of the others: see `excess`.
    Few pairs of a normal law are told best by their regression, with which the training began.
    """
    latent, *log_q = told(trained, own, other)
    n = len(other[0])
    ours, regression = (np.asarray(a, float)[-n:] for a in log_q)
    if latent is not None:
        z = np.asarray(latent, float)
        log_s = np.log(robust_width(z[:-n]))
        log_s += excess(np.log(robust_width(z[-n:])) - log_s, VARIANCE / n)
        trained = eqx.tree_at(lambda q: q.flow, trained, trained.flow.widened(log_s))
        ours += np.sum(z[-n:] ** 2 / 2 * (1 - np.exp(-2 * log_s)) - log_s, axis=1)
    return trained if ours.mean() > regression.mean() else linear


@eqx.filter_jit
def told(flow: EmbeddedFlow, own: Pairs, other: Pairs) -> tuple[Any, Any, Any]:
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


def excess(delta: Float[np.ndarray, " N"], noise: float) -> Float[np.ndarray, " N"]:
    """δ_i ~ N(μ, τ²), measured with variance `noise`: their mean, and of each δ_i - μ the share τ²/(τ² + noise).

    One training is too narrow in all its variables by about the same factor, which all of them tell better than each.
    Ref: Efron and Morris 1973, doi:10.1080/01621459.1973.10481350.
    """
    off = delta - delta.mean()
    total = np.sum(off**2) / max(1, len(delta) - 1)  # τ² + noise
    return delta.mean() + off * max(0.0, 1 - noise / max(total, noise))
