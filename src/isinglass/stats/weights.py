# SPDX-License-Identifier: Apache-2.0
"""Averages with importance weights w = p̃/q, p = p̃/Z, and their errors by the delta method.

A statistic θ of n independent samples has error √(Σ_i ψ_i²/(n (n - 1))), ψ_i its influence function, to first order.
Arrays are [groups, ...]: groups are independent, what is inside one (a Markov chain) need not be; a vector is groups of
one, successive samples of one chain if they are correlated (`standard_error`).  The error holds where w has a finite
variance: see `stats/pareto.py`.  All is done on ln w, so that nothing overflows; ln w = -inf is a sample outside the
support of p, with weight zero.
Ref: Kong 1992 (effective sample size); Nicoli et al. 2021, arXiv:2007.07115; Owen 2013, Monte Carlo, chapter 9.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from .autocorrelation import autocorrelation, integrated_time

__all__ = [
    "acceptance_of_weights",
    "ess_fraction",
    "forward_ess_fraction",
    "log_mean_weight",
    "log_odds",
    "relative",
    "self_normalized_mean",
]

SUCCESSIVE = 32  # samples, fewest of which a correlation between successive ones is looked for
ValueAndError = tuple[Float[Array, "*shape"], Float[Array, "*shape"]]


def log_mean_weight(log_weight: Float[Array, "groups *draws"]) -> ValueAndError:
    """ln Z = ln (1/n) Σ w_i, x_i ~ q; error √(Var w / n) / w̄; the bias -error²/2 of the logarithm is removed.

    Law: ln w + c shifts the value by c and leaves the error; a constant weight has error 0.
    """
    w, shift = relative(log_weight)
    mean = w.mean()
    error = standard_error(w / positive(mean) - 1)
    return jnp.log(mean) + shift + error**2 / 2, error


def ess_fraction(log_weight: Float[Array, "groups *draws"]) -> ValueAndError:
    """ESS/n = (Σ w)² / (n Σ w²), x_i ~ q: one over the mean square of w/w̄.

    Law: between 1/n and 1; 1 for a constant weight.  Insensitive to a mode of p that q never visits.
    """
    w, _ = relative(log_weight)
    u = w / positive(w.mean())
    square = positive(jnp.mean(u * u))
    influence = 2 * (u - 1) / square - (u * u - square) / square**2
    return jnp.mean(u) ** 2 / square, standard_error(influence)  # the mean is 1, or 0 without any weight


def self_normalized_mean(
    values: Float[Array, "groups *draws"], log_weight: Float[Array, "groups *draws"]
) -> ValueAndError:
    """<f>_p = Σ w f / Σ w, x_i ~ q; ψ_i = (w_i / w̄)(f_i - <f>).

    Law: exact for a constant f; the plain mean for a constant weight.  Bias O(1/n).
    """
    w, _ = relative(log_weight)
    u = w / positive(w.mean())
    mean = jnp.mean(u * values)
    return mean, standard_error(u * (values - mean))


def log_odds(first: Float[Array, " draws"], log_weight: Float[Array, " draws"]) -> ValueAndError:
    """ln Σ w f / Σ w (1 - f), f = 1 in the first of two states and 0 in the other; ψ_i = w_i f_i/a - w_i (1 - f_i)/b.

    a and b are the means of w f and w (1 - f).  Law: the states exchanged change the sign.
    """
    w, _ = relative(log_weight)
    one, other = w * first, w * (1 - first)
    a, b = jnp.mean(one), jnp.mean(other)
    return jnp.log(a / b), standard_error(one / a - other / b)


def forward_ess_fraction(log_weight: Float[Array, "groups *draws"]) -> ValueAndError:
    """ESS/n = 1 / (E_p[w] E_p[1/w]) from samples x ~ p, with w = p̃/q: sensitive to the modes of p that q has lost.

    Equals `ess_fraction` in expectation where q covers p: E_q[w²]/E_q[w]² = E_p[w] E_p[1/w], Z cancels.
    ln w = +inf (q = 0 at a sample of p) gives 0.  Ref: Nicoli et al. 2023, arXiv:2302.14082.
    """
    missed = jnp.any(log_weight == jnp.inf)
    log_weight = jnp.where(missed, 0.0, log_weight)
    (w, shift), (inverse, back) = relative(log_weight), relative(-log_weight)
    share = jnp.exp(-shift - back) / (positive(w.mean()) * positive(inverse.mean()))
    influence = share * (2 - w / positive(w.mean()) - inverse / positive(inverse.mean()))
    return jnp.where(missed, 0.0, share), jnp.where(missed, 0.0, standard_error(influence))


def acceptance_of_weights(log_weight: Float[Array, " n"]) -> Float[Array, ""]:
    """Fraction of the proposals that independence Metropolis accepts in equilibrium, Σ_ij min(w_i, w_j) / (n Σ w).

    Law: 1 for a constant weight; at least half the ESS fraction.  Cost: n log n, by sorting.
    """
    w, _ = relative(jnp.sort(log_weight))
    n = w.shape[0]
    above = n - 1 - jnp.arange(n, dtype=w.dtype)  # each w_i is the smaller one of 2 · above pairs, and one with itself
    return jnp.sum(w * (2 * above + 1)) / (n * positive(w.sum()))


def relative(log_weight: Float[Array, "*n"]) -> tuple[Float[Array, "*n"], Float[Array, ""]]:
    """w / max w, and ln max w (0 where every weight is zero)."""
    largest = jnp.max(log_weight)
    shift = jnp.where(largest == -jnp.inf, 0.0, largest)
    return jnp.exp(log_weight - shift), shift


def standard_error(influence: Float[Array, "groups *draws"]) -> Float[Array, ""]:
    """Standard error of the mean, from the scatter of group means; infinite for a single group.

    Groups of one are independent samples, unless neighbors are correlated, ρ(1) > 4/√n: then they are taken for a
    chain, and the error is √(Var 2τ/n).  False alarm 3e-5; resolution: ρ(1) = 7/√n.
    """
    groups = influence.shape[0]
    if groups < 2:
        return jnp.asarray(jnp.inf, influence.dtype)
    error = jnp.std(influence.reshape(groups, -1).mean(axis=1), ddof=1) / groups**0.5
    return error * in_succession(influence.reshape(groups)) if influence.size == groups >= SUCCESSIVE else error


def in_succession(x: Float[Array, " n"]) -> Float[Array, ""]:
    """√(2τ) where neighbors are correlated for certain, ρ(1) > 4/√n, else 1."""
    certain = autocorrelation(x)[1] > 4 / x.shape[0] ** 0.5
    return jnp.where(certain, jnp.sqrt(jnp.maximum(2 * integrated_time(x).tau, 1.0)), 1.0)


def positive(x: Float[Array, ""]) -> Float[Array, ""]:
    """A divisor: 1 where every weight is zero, so that the quotient is zero and not NaN."""
    return jnp.where(x == 0, 1.0, x)
