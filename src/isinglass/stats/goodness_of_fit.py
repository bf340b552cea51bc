# SPDX-License-Identifier: Apache-2.0
"""Goodness of fit: p-values and bounds for independent samples; correlated ones must be thinned first.

A p-value is uniform on [0, 1] if the law holds: a test at level alpha raises a false alarm with probability alpha.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.scipy.special import betainc, erfc, gammaincc
from jax.typing import ArrayLike
from jaxtyping import Array, Float, Shaped

__all__ = [
    "Goodness",
    "binomial_excess",
    "chi_square",
    "clopper_pearson",
    "kolmogorov_smirnov",
    "two_sided_p_value",
    "z_score",
]


class Goodness(NamedTuple):
    """Statistic and p-value of a test."""

    statistic: Float[Array, ""]
    p_value: Float[Array, ""]
    degrees_of_freedom: Float[Array, ""]  # number of samples for Kolmogorov-Smirnov


def chi_square(
    counts: Shaped[Array, " cells"], probabilities: Float[Array, " cells"], min_expected: float = 5.0
) -> Goodness:
    """χ² = Σ (n_k - N p_k)² / (N p_k) of counts against a law, cells expecting fewer than min_expected samples pooled.

    If the pool itself expects too few it joins the smallest other cell.  Law: p-value Q(dof/2, χ²/2), dof = cells - 1;
    a count where p = 0 gives p-value 0 (even if pooled).  Ref: Pearson 1900, doi:10.1080/14786440009463897.
    """
    observed = counts.astype(probabilities.dtype)
    expected = observed.sum() * probabilities
    small = expected < min_expected
    pool_observed, pool_expected = (jnp.sum(jnp.where(small, n, 0.0)) for n in (observed, expected))
    joins = jnp.where(pool_expected < min_expected, 1.0, 0.0)
    host = jnp.argmin(jnp.where(small, jnp.inf, expected))
    observed = observed.at[host].add(joins * pool_observed)
    expected = expected.at[host].add(joins * pool_expected)

    cells = jnp.where(small, 0.0, (observed - expected) ** 2 / jnp.where(small, 1.0, expected))
    pool = (1 - joins) * (pool_observed - pool_expected) ** 2 / jnp.maximum(pool_expected, min_expected)
    impossible = jnp.any((probabilities == 0) & (counts > 0))
    statistic = jnp.where(impossible, jnp.inf, cells.sum() + pool)
    dof = jnp.sum(jnp.where(small, 0.0, 1.0)) - joins
    p_value = gammaincc(jnp.maximum(dof, 1.0) / 2, jnp.where(impossible, 1.0, statistic) / 2)
    return Goodness(statistic, jnp.where(impossible, 0.0, jnp.where(dof > 0, p_value, 1.0)), dof)


def kolmogorov_smirnov(cdf: Float[Array, " n"]) -> Goodness:
    """D = max |F_n - F| from F(x_i), the law's distribution function at the samples; p-value of Kolmogorov's limit.

    λ = (√n + 0.12 + 0.11/√n) D (Stephens 1970, doi:10.1111/j.2517-6161.1970.tb00821.x).
    Law: continuous distributions only.
    """
    n = cdf.shape[0]
    u = jnp.sort(cdf)
    step = jnp.arange(n, dtype=cdf.dtype) / n
    D = jnp.maximum(jnp.max(u - step), jnp.max(step + 1 / n - u))
    root = n**0.5
    return Goodness(D, _kolmogorov_tail((root + 0.12 + 0.11 / root) * D), jnp.asarray(float(n)))


def _kolmogorov_tail(x: Float[Array, ""]) -> Float[Array, ""]:
    """Q(λ) = 2 Σ_k (-1)^(k-1) exp(-2 k² λ²), k = 1, 2, ...; the theta-transformed series 1 - ... for λ < 1."""
    k = jnp.arange(1, 7, dtype=x.dtype)
    large, small = jnp.maximum(x, 1.0), jnp.clip(x, 0.1, 1.0)
    upper = 2 * jnp.sum((-1.0) ** (k - 1) * jnp.exp(-2 * k**2 * large**2))
    lower = 1 - jnp.sqrt(2 * jnp.pi) / small * jnp.sum(jnp.exp(-((2 * k - 1) ** 2) * jnp.pi**2 / (8 * small**2)))
    return jnp.where(x > 1, upper, lower)


def z_score(measured: ArrayLike, error: ArrayLike, expected: ArrayLike) -> Float[Array, "*shape"]:
    """Deviation z = (measured - expected) / error; 0 for an exact hit without error, ±inf for a miss without error."""
    measured, error, expected = (jnp.asarray(v, dtype=float) for v in (measured, error, expected))
    miss = measured - expected
    exact = jnp.where(miss == 0, 0.0, jnp.where(miss > 0, jnp.inf, -jnp.inf))
    return jnp.where(error > 0, miss / jnp.where(error > 0, error, 1.0), exact)


def two_sided_p_value(z: ArrayLike) -> Float[Array, "*shape"]:
    """P(|Z| >= |z|) = erfc(|z|/√2) for a standard normal Z: 4 standard errors are 6.3e-5."""
    return erfc(jnp.abs(jnp.asarray(z, dtype=float)) / jnp.sqrt(2.0))


def binomial_excess(successes: ArrayLike, trials: ArrayLike, probability: ArrayLike) -> Float[Array, "*shape"]:
    """p-value of so many successes or more, P(X >= k) = I_p(k, n - k + 1): tests an accuracy against its ceiling.

    Law: for independent trials; 1 at k = 0.
    """
    k, n, p = (jnp.asarray(v, dtype=float) for v in (successes, trials, probability))
    return jnp.where(k > 0, betainc(jnp.maximum(k, 1.0), jnp.maximum(n - k, 0.0) + 1, p), 1.0)


def clopper_pearson(
    successes: ArrayLike, trials: ArrayLike, alpha: ArrayLike = 0.3173105078629141
) -> tuple[Float[Array, "*shape"], Float[Array, "*shape"]]:
    """Exact interval of a success probability, I_lower(k, n-k+1) = alpha/2, I_upper(k+1, n-k) = 1 - alpha/2.

    The default alpha makes it one standard error.  Law: covers the truth with probability at least 1 - alpha.
    Ref: Clopper & Pearson 1934, doi:10.1093/biomet/26.4.404.
    """
    k, n, alpha = (jnp.asarray(v, dtype=float) for v in (successes, trials, alpha))
    lower = _beta_quantile(jnp.maximum(k, 1.0), n - k + 1, alpha / 2)
    upper = _beta_quantile(k + 1, jnp.maximum(n - k, 1.0), 1 - alpha / 2)
    return jnp.where(k > 0, lower, 0.0), jnp.where(k < n, upper, 1.0)


def _beta_quantile(a: Array, b: Array, level: Array) -> Array:
    """Root x of I_x(a, b) = level by 60 halvings of [0, 1]."""

    def halve(_, interval):
        lower, upper = interval
        middle = (lower + upper) / 2
        too_low = betainc(a, b, middle) < level
        return jnp.where(too_low, middle, lower), jnp.where(too_low, upper, middle)

    lower, upper = jax.lax.fori_loop(0, 60, halve, (jnp.zeros_like(a + b), jnp.ones_like(a + b)))
    return (lower + upper) / 2
