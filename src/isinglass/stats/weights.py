# SPDX-License-Identifier: Apache-2.0
"""Averages with importance weights w = p̃/q, p = p̃/Z, and their errors by the delta method.

A statistic θ of n independent draws has error √(Σ_i ψ_i²/(n (n - 1))), ψ_i its influence function: first order in 1/√n.
It is honest while w has a variance; `stats/pareto.py` tells.  Everything works on ln w, so that nothing overflows;
ln w = -inf is a draw outside the support of p, with weight zero.
Ref: Kong 1992 (effective sample size); Nicoli et al. 2021, arXiv:2007.07115; Owen 2013, Monte Carlo, chapter 9.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

__all__ = ["effective_share", "forward_effective_share", "log_mean_weight", "self_normalized_mean"]

ValueAndError = tuple[Float[Array, "*shape"], Float[Array, "*shape"]]


def log_mean_weight(log_weight: Float[Array, " n"]) -> ValueAndError:
    """ln Z = ln (1/n) Σ w_i, x_i ~ q; error √(Var w / n) / w̄; the bias -Var w / (2 n w̄²) of the logarithm is removed.

    Law: ln w + c shifts the value by c and leaves the error; a constant weight has error 0.
    """
    w, shift = relative(log_weight)
    mean = w.mean()
    variance = jnp.var(w, ddof=1) / (w.shape[0] * positive(mean) ** 2)
    return jnp.log(mean) + shift + variance / 2, jnp.sqrt(variance)


def effective_share(log_weight: Float[Array, " n"]) -> ValueAndError:
    """ESS/n = (Σ w)² / (n Σ w²), x_i ~ q: one over the mean square of w/w̄.

    Law: between 1/n and 1; 1 for a constant weight.  Blind to a mode of p that q never visits.
    """
    w, _ = relative(log_weight)
    u = w / positive(w.mean())
    square = positive(jnp.mean(u * u))
    influence = 2 * (u - 1) / square - (u * u - square) / square**2
    return jnp.mean(u) ** 2 / square, standard_error(influence)  # the mean is 1, or 0 without any weight


def self_normalized_mean(values: Float[Array, " n"], log_weight: Float[Array, " n"]) -> ValueAndError:
    """<f>_p = Σ w f / Σ w, x_i ~ q; ψ_i = (w_i / w̄)(f_i - <f>).

    Law: exact for a constant f; the plain mean for a constant weight.  Bias O(1/n).
    """
    w, _ = relative(log_weight)
    u = w / positive(w.mean())
    mean = jnp.mean(u * values)
    return mean, standard_error(u * (values - mean))


def forward_effective_share(log_weight: Float[Array, "groups draws"]) -> ValueAndError:
    """ESS/n = 1 / (E_p[w] E_p[1/w]) from draws x ~ p, with w = p̃/q: it sees the modes of p that q has lost.

    Equals `effective_share` in expectation where q covers p: E_q[w²]/E_q[w]² = E_p[w] E_p[1/w], Z cancels.
    A group is one Markov chain; only chains need to be independent.  ln w = +inf (q = 0 at a draw of p) gives 0.
    Ref: Nicoli et al. 2023, arXiv:2302.14082, eq. 15.
    """
    missed = jnp.any(log_weight == jnp.inf)
    log_weight = jnp.where(missed, 0.0, log_weight)
    w, _ = relative(log_weight.ravel())
    inverse, _ = relative(-log_weight.ravel())
    u, v = w / positive(w.mean()), inverse / positive(inverse.mean())
    scale = jnp.exp(-(log_mean(log_weight.ravel()) + log_mean(-log_weight.ravel())))
    influence = scale * (2 - u - v).reshape(log_weight.shape).mean(axis=1)
    error = standard_error(influence)
    return jnp.where(missed, 0.0, scale), jnp.where(missed, 0.0, error)


def relative(log_weight: Float[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, ""]]:
    """w / max w, and ln max w (0 where every weight is zero)."""
    largest = jnp.max(log_weight)
    shift = jnp.where(largest == -jnp.inf, 0.0, largest)
    return jnp.exp(log_weight - shift), shift


def log_mean(log_weight: Float[Array, " n"]) -> Float[Array, ""]:
    """ln (1/n) Σ w_i."""
    w, shift = relative(log_weight)
    return jnp.log(w.mean()) + shift


def standard_error(influence: Float[Array, " n"]) -> Float[Array, ""]:
    """Of the mean of n independent numbers; infinite for a single one."""
    n = influence.shape[0]
    return jnp.std(influence, ddof=1) / n**0.5 if n > 1 else jnp.asarray(jnp.inf, influence.dtype)


def positive(x: Float[Array, ""]) -> Float[Array, ""]:
    """A divisor: 1 where every weight is zero, so that the quotient is zero and not NaN."""
    return jnp.where(x == 0, 1.0, x)
