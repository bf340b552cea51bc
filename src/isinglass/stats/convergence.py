# SPDX-License-Identifier: Apache-2.0
"""Convergence of Markov chains: split R̂ and effective sample size over chains x[chains, draws].

Conventions of Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, arXiv:1903.08008, as in ArviZ and Stan.
Where ArviZ returns nan: chains that are all constant and equal have R̂ = 1 (and the full sample size), constant but
different ones R̂ = inf.
"""

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri
from jaxtyping import Array, Float
from scipy.stats import f as fisher

from .autocorrelation import autocovariance

__all__ = ["Agreement", "agreement", "bulk_ess", "largest_by_chance", "multichain_ess", "own_draws",
           "potential_scale_reduction", "rank_normalized", "rhat", "split_chains"]  # fmt: skip

WINDOW = 5.0  # Sokal's, in autocorrelation times


class Agreement(NamedTuple):
    """R̂ of the ranks of x (bulk) and of |x - median| (tail), and what each half chain is worth by itself."""

    r_hat: Float[Array, " 2"]
    own_draws: Float[Array, " 2"]  # effective draws of a half chain, from the correlations within chains alone
    bulk_ess: Float[Array, ""]


def rhat(x: Float[Array, "chains draws"]) -> Float[Array, ""]:
    """Rank-normalised split R̂: the larger of R̂ of the ranks and R̂ of the ranks of |x - median| (equal scales).

    Law: >= 1 up to noise; invariant under monotone maps of x (bulk part).  Converged: below 1.01.
    """
    return jnp.max(agreement(x).r_hat)


def agreement(x: Float[Array, "chains draws"]) -> Agreement:
    """R̂ of bulk and tail with the effective draws that its distribution by chance depends on."""
    split = split_chains(x)
    scores = [rank_normalized(y) for y in (split, jnp.abs(split - jnp.median(split)))]
    whole = [jnp.concatenate([z[: len(x)], z[len(x) :]], axis=1) for z in scores]
    r_hat, own = ([f(z) for z in of] for f, of in ((potential_scale_reduction, scores), (own_draws, whole)))
    return Agreement(jnp.stack(r_hat), jnp.stack(own), multichain_ess(scores[0]))


def own_draws(x: Float[Array, "chains draws"]) -> Float[Array, ""]:
    """(n/2) / 2τ of a half chain, τ from deviations of each chain from its own mean, Sokal's window, one error longer.

    Unlike the effective sample size it does not know that chains differ, so that they cannot excuse it.  At most n/2.
    Law: (n/2)(1 - a)/(1 + a) for x_{i+1} = a x_i + noise.  Ref: Wolff 2004, arXiv:hep-lat/0306017, eqs. 31, 42, 49.
    """
    chains, n = x.shape
    lag = jnp.arange(n, dtype=x.dtype)
    gamma = jax.vmap(autocovariance)(x).mean(axis=0) * (n / (n - lag))
    varies = gamma[0] > 0
    tau = jnp.cumsum(jnp.where(varies, gamma / jnp.where(varies, gamma[0], 1.0), 0.0)) - 0.5
    enough = lag >= WINDOW * jnp.maximum(tau, 0.5)
    window = jnp.where(enough.any(), jnp.argmax(enough), n - 1)
    cut, width = tau[window], window.astype(x.dtype) + 0.5
    bias = jnp.where(varies, 2 * cut / n, 0.0)  # each chain's own mean lowers every Γ(t) by 2 τ Γ(0) / n
    value = jnp.maximum((cut + width * bias) / (1 + bias), 0.5)
    error = value * jnp.sqrt(4 / (n * chains) * jnp.maximum(width - value, 0.0))
    return n / 2 / (2 * (value + error))


def largest_by_chance(
    own_draws: Float[np.ndarray, "*n"], chains: int, draws: int, false_alarm: float
) -> Float[np.ndarray, "*n"]:
    """R̂ that converged chains exceed with probability `false_alarm`: R̂² = (n-1)/n + F/k, F of (m-1, m(k-1)) degrees.

    m = 2 `chains` half chains of n draws, worth k = `own_draws` each: the variance of their means is σ²/k, so that its
    ratio to the variance within, times k, is Fisher's F.  Law: tends to 1 as the chains grow.
    """
    m, n, k = 2 * chains, draws // 2, np.maximum(np.asarray(own_draws, float), 1.0)
    ratio = np.minimum(fisher.isf(false_alarm, m - 1, np.maximum(m * (k - 1), 1.0)), 1e6)
    return np.sqrt((n - 1) / n + ratio / k)


def bulk_ess(x: Float[Array, "chains draws"]) -> Float[Array, ""]:
    """Effective sample size of the rank-normalised split chains, for the bulk of the distribution of x."""
    return multichain_ess(rank_normalized(split_chains(x)))


def split_chains(x: Float[Array, "chains draws"]) -> Float[Array, "2*chains draws//2"]:
    """Each chain as its first and its last half, so that a drift shows as two chains that differ."""
    half = x.shape[1] // 2
    return jnp.concatenate([x[:, :half], x[:, -half:]])


def rank_normalized(x: Float[Array, "chains draws"]) -> Float[Array, "chains draws"]:
    """Normal scores z = Φ^-1((r - 3/8) / (S + 1/4)), r the average rank among the S samples: moments always exist."""
    flat = x.ravel()
    ordered = jnp.sort(flat)
    below, upto = (jnp.searchsorted(ordered, flat, side=side).astype(x.dtype) for side in ("left", "right"))
    rank = (below + upto + 1) / 2
    return ndtri((rank - 0.375) / (flat.size + 0.25)).reshape(x.shape)


def potential_scale_reduction(x: Float[Array, "chains draws"]) -> Float[Array, ""]:
    """R̂ = √[((n - 1)/n W + B/n) / W], W the variance within chains, B/n that of the chain means.

    Law: 1 for all chains equal and constant; inf for constant chains that differ.
    """
    n = x.shape[1]
    within = jnp.var(x, axis=1, ddof=1).mean()
    between = jnp.var(x.mean(axis=1), ddof=1)
    stuck = _constant(x)
    ratio = jnp.sqrt((n - 1) / n + between / jnp.where(stuck, 1.0, within))
    return jnp.where(stuck, jnp.where(jnp.max(x) > jnp.min(x), jnp.inf, 1.0), ratio)


def multichain_ess(x: Float[Array, "chains draws"]) -> Float[Array, ""]:
    """N / τ, τ = -1 + 2 Σ ρ(t) over Geyer's initial monotone sequence, ρ(t) = 1 - (W - Γ̄(t)) / Var⁺.

    Lags are paired, P_k = ρ(2k) + ρ(2k+1), cut at the first negative pair and made non-increasing.
    Law: N for independent samples; at most N log10 N; N where all chains are equal and constant.  Chains of fewer than
    four draws have no pair of lags beyond the first: each counts as one draw.
    """
    chains, n = x.shape
    if n < 4:
        return jnp.asarray(float(chains))
    gamma = jax.vmap(autocovariance)(x).mean(axis=0)
    within = gamma[0] * n / (n - 1)
    between = jnp.var(x.mean(axis=1), ddof=1) if chains > 1 else 0.0
    variance = gamma[0] + between
    constant = jnp.max(x) == jnp.min(x)
    rho = 1 - (within - gamma) / jnp.where(constant, 1.0, variance)
    rho = rho.at[0].set(1.0)

    last = (n - 3) // 2  # last pair that is looked at
    pairs = rho[: 2 * (last + 1)].reshape(last + 1, 2).sum(axis=1)
    negative = pairs < 0
    cut = jnp.where(negative.any(), jnp.argmax(negative), last)
    monotone = jnp.where(jnp.arange(last + 1) < cut, jax.lax.cummin(pairs), 0.0)
    tau = -1 + 2 * monotone.sum() + jnp.maximum(rho[2 * cut], 0.0)  # half of the cut pair, as Geyer's improvement
    total = chains * n
    ess = total / jnp.maximum(tau, 1 / math.log10(total))
    return jnp.where(constant, float(total), ess)


def _constant(x: Float[Array, "chains draws"]) -> Array:
    """True where every chain is constant."""
    return (x == x[:, :1]).all()
