# SPDX-License-Identifier: Apache-2.0
"""Errors without formulas: jackknife, bootstrap over independent groups, bins, and weighted means.

A group is one independent unit: a chain, or a network trained from its own seed - never a correlated sample.
Every function returns arrays that `jax.vmap` and `jax.jit` accept.  Ref: Efron & Tibshirani 1993,
An Introduction to the Bootstrap, doi:10.1201/9780429246593.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

__all__ = ["binned_error", "bootstrap", "bootstrap_error", "jackknife", "mean_over_groups", "weighted_mean"]

Statistic = Callable[[Array], Array]
ValueAndError = tuple[Float[Array, "*shape"], Float[Array, "*shape"]]


def mean_over_groups(means: Float[Array, "groups *shape"]) -> ValueAndError:
    """Mean of independent group means and its standard error √[Σ (m_g - m̄)² / (G (G - 1))].

    Law: right for any autocorrelation within groups.
    With few groups the mean follows Student's t: ±1 error covers 50 % at G = 2, 65 % at G = 8.
    """
    groups = means.shape[0]
    return means.mean(axis=0), jnp.std(means, axis=0, ddof=1) / groups**0.5


def binned_error(x: Float[Array, "n *shape"], n_bins: int) -> ValueAndError:
    """Mean and error of one series from the spread of n_bins consecutive bins.

    The first n mod n_bins samples are left out.  Law: unbiased once bins are longer than about 20 τ_int.
    """
    return mean_over_groups(_blocks(x, n_bins).mean(axis=1))


def jackknife(
    statistic: Statistic, x: Float[Array, "n *shape"], n_blocks: int
) -> tuple[Float[Array, "*result"], Float[Array, "*result"]]:
    """Bias-corrected B θ̂ - (B - 1) θ̄ and error √[(B - 1)/B Σ_b (θ_b - θ̄)²], θ_b with block b left out.

    statistic maps [m, ...] to an array.  Blocks must be longer than the autocorrelation.
    Law: for the mean equals `binned_error`.  Cost: B evaluations, one at a time in memory.
    """
    blocks = _blocks(x, n_blocks)
    others = jnp.add.outer(jnp.arange(n_blocks), jnp.arange(1, n_blocks)) % n_blocks
    left_out = jax.lax.map(lambda index: statistic(blocks[index].reshape(-1, *x.shape[1:])), others)
    center = left_out.mean(axis=0)
    value = n_blocks * statistic(blocks.reshape(-1, *x.shape[1:])) - (n_blocks - 1) * center
    return value, jnp.sqrt((n_blocks - 1) * jnp.var(left_out, axis=0))


def bootstrap(
    key: Key[Array, ""], statistic: Statistic, groups: Float[Array, "groups *shape"], n_resamples: int = 200
) -> Float[Array, "n_resamples *result"]:
    """Statistic of n_resamples sets of groups, each sampled with replacement; statistic maps [groups, ...] to an array.

    Law: for the mean, the spread is that of `mean_over_groups` times √((G - 1)/G).
    """
    n = groups.shape[0]
    chosen = jax.random.randint(key, (n_resamples, n), 0, n)
    return jax.lax.map(lambda index: statistic(groups[index]), chosen, batch_size=min(n_resamples, 16))


def bootstrap_error(
    key: Key[Array, ""], statistic: Statistic, groups: Float[Array, "groups *shape"], n_resamples: int = 200
) -> tuple[Float[Array, "*result"], Float[Array, "*result"]]:
    """Statistic of all groups and its bootstrap error, std over resamples times √(G/(G - 1)).

    The factor undoes the low spread of small sets of groups.  Noise of the error itself: 1/√(2 n_resamples).
    """
    n = groups.shape[0]
    spread = jnp.std(bootstrap(key, statistic, groups, n_resamples), axis=0, ddof=1)
    return statistic(groups), spread * (n / (n - 1)) ** 0.5


def weighted_mean(values: Float[Array, " n"], errors: Float[Array, " n"]) -> tuple[Array, Array, Array]:
    """Mean with weights 1/σ², its error (Σ 1/σ²)^(-½), and χ² = Σ (x - x̄)²/σ² to be compared with n - 1.

    Law: the smallest error of all unbiased linear means of independent values.
    """
    weight = 1 / errors**2
    mean = jnp.sum(weight * values) / weight.sum()
    return mean, 1 / jnp.sqrt(weight.sum()), jnp.sum(weight * (values - mean) ** 2)


def _blocks(x: Float[Array, "n *shape"], n_blocks: int) -> Float[Array, "n_blocks size *shape"]:
    """The last n_blocks * (n // n_blocks) samples in consecutive blocks."""
    size = x.shape[0] // n_blocks
    return x[x.shape[0] - n_blocks * size :].reshape(n_blocks, size, *x.shape[1:])
