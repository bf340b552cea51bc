# SPDX-License-Identifier: Apache-2.0
"""How heavy is the tail of importance weights?  Generalized Pareto law P(w > t) ∝ (1 + k (t - u)/σ)^(-1/k) above u.

Moments of order 1/k and higher do not exist: k < ½ finite variance; k <= 0.7 averages converge at practical sizes;
k >= 1 no mean.  Refs: Vehtari, Simpson, Gelman, Yao and Gabry, arXiv:1507.02646; the fit by Zhang and Stephens 2009,
doi:10.1198/tech.2009.08017.
"""

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax.scipy.special import logsumexp
from jaxtyping import Array, Float

__all__ = ["LARGEST_K", "ParetoTail", "fit_generalized_pareto", "pareto_k", "smoothed_log_weights", "tail_size"]

LARGEST_K = 0.7  # above it averages and their errors are not to be believed
PRIOR_DRAWS = 10  # weight of the prior that shrinks k towards ½, in samples
UNIT = 1e-10  # the least excess, as a fraction of the largest: for weights that are equal


class ParetoTail(NamedTuple):
    """The law above the cutoff u."""

    k: Float[Array, ""]  # shape; -inf where the largest weights are all equal
    sigma: Float[Array, ""]  # scale


def tail_size(n: int) -> int:
    """M = ⌊min(n/5, 3 √n)⌋ of the largest weights, at least 5."""
    return max(5, math.floor(min(n / 5, 3 * n**0.5)))


def fit_generalized_pareto(excess: Float[Array, " M"]) -> ParetoTail:
    """Posterior mean of b = -k/σ over m = 30 + √M points of Zhang and Stephens' prior; `excess` sorted, ascending.

    k = (1/M) Σ ln(1 - b x_i), with the sign of Vehtari et al.  Law: scale-equivariant, k(c x) = k(x), σ(c x) = c σ(x).
    """
    M = excess.shape[0]
    m = 30 + int(M**0.5)
    largest = jnp.where(excess[-1] > 0, excess[-1], 1.0)
    x = excess / largest
    quartile = jnp.maximum(x[int(M / 4 + 0.5) - 1], UNIT)
    b = 1 + (1 - jnp.sqrt(m / (jnp.arange(1, m + 1, dtype=x.dtype) - 0.5))) / (3 * quartile)
    k = jnp.mean(jnp.log1p(-jnp.outer(b, x)), axis=1)
    log_likelihood = M * (jnp.log(-b / k) - k - 1)
    weight = jnp.exp(log_likelihood - logsumexp(log_likelihood))
    weight = jnp.where(weight >= 10 * jnp.finfo(x.dtype).eps, weight, 0.0)
    b = jnp.sum(weight * b) / weight.sum()
    k = jnp.mean(jnp.log1p(-b * x))
    shrunk = (M * k + PRIOR_DRAWS * 0.5) / (M + PRIOR_DRAWS)
    return ParetoTail(jnp.where(excess[-1] > 0, shrunk, -jnp.inf), -k / b * largest)


def pareto_k(log_weight: Float[Array, " n"]) -> Float[Array, ""]:
    """The shape k of the tail of the weights of independent samples.  Law: k(ln w + c) = k(ln w).  Needs n >= 25."""
    return tail(log_weight)[0].k


def smoothed_log_weights(log_weight: Float[Array, " n"]) -> Float[Array, " n"]:
    """ln w with the M largest replaced by the expected order statistics of the fitted tail, at most the largest.

    Law: order and the other weights are kept; Σ w is not normalized.
    """
    (k, sigma), cutoff, order, largest = tail(log_weight)
    M = tail_size(log_weight.shape[0])
    p = (jnp.arange(M, dtype=log_weight.dtype) + 0.5) / M
    safe = jnp.where(jnp.isfinite(k) & (jnp.abs(k) > 1e-12), k, 1e-12)
    quantile = cutoff + sigma * jnp.expm1(-safe * jnp.log1p(-p)) / safe
    smooth = jnp.minimum(jnp.log(quantile), 0.0) + largest
    at = order[-M:]
    return log_weight.at[at].set(jnp.where(jnp.isfinite(k), smooth, log_weight[at]))


def tail(log_weight: Float[Array, " n"]) -> tuple[ParetoTail, Array, Array, Array]:
    """The fit to w/max w, its cutoff, the ascending order of the weights, and ln max w."""
    largest = jnp.max(log_weight)
    w = jnp.exp(log_weight - jnp.where(largest == -jnp.inf, 0.0, largest))
    order = jnp.argsort(log_weight)
    M = tail_size(log_weight.shape[0])
    cutoff = w[order[-M - 1]]
    return fit_generalized_pareto(w[order[-M:]] - cutoff), cutoff, order, largest
