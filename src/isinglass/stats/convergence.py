# SPDX-License-Identifier: Apache-2.0
"""Convergence of Markov chains: split R̂ and effective sample size over chains x[chains, draws].

Conventions of Vehtari, Gelman, Simpson, Carpenter & Bürkner 2021, arXiv:1903.08008, as in ArviZ and Stan.
Where ArviZ returns nan: chains that are all constant and equal have R̂ = 1 (and the full sample size), constant but
different ones R̂ = inf.
"""

import math

import jax
import jax.numpy as jnp
from jax.scipy.special import ndtri
from jaxtyping import Array, Float

from .autocorrelation import autocovariance

__all__ = ["bulk_ess", "multichain_ess", "potential_scale_reduction", "rank_normalized", "rhat", "split_chains"]


def rhat(x: Float[Array, "chains draws"]) -> Float[Array, ""]:
    """Rank-normalised split R̂: the larger of R̂ of the ranks and R̂ of the ranks of |x - median| (equal scales).

    Law: >= 1 up to noise; invariant under monotone maps of x (bulk part).  Converged: below 1.01.
    """
    split = split_chains(x)
    folded = jnp.abs(split - jnp.median(split))
    bulk, tail = (potential_scale_reduction(rank_normalized(y)) for y in (split, folded))
    return jnp.maximum(bulk, tail)


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
    Law: N for independent samples; at most N log10 N; N where all chains are equal and constant.
    """
    chains, n = x.shape
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
