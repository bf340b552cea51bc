# SPDX-License-Identifier: Apache-2.0
"""Couplings and fields from spin samples by each method, with errors over groups of rows."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Int

from isinglass.exact.learning import inverse_ising as exact
from isinglass.inference.inverse.pseudolikelihood import pseudolikelihood

__all__ = ["METHODS", "Couplings", "SpinSamples", "couplings"]

METHODS = ("boltzmann", "pseudolikelihood", "tap", "mean-field")


@dataclass(frozen=True, eq=False)
class SpinSamples:
    """Spin configurations s [n, site...] of ±1, or of 0 and 1, a row each; chain [n]: the Markov chain of each."""

    s: Any
    chain: Any = None


class Couplings(NamedTuple):
    """J and h in units of the temperature, with standard errors."""

    J: Float[np.ndarray, "N N"]
    h: Float[np.ndarray, " N"]
    J_error: Float[np.ndarray, "N N"]
    h_error: Float[np.ndarray, " N"]
    left: float  # largest equation that is not solved: a moment, or a gradient
    asymmetry: float | None  # of pseudolikelihood: largest |J_ij - J_ji| in errors


def couplings(s: Float[np.ndarray, "n N"], group: Int[np.ndarray, " n"], method: str, ridge: float = 0.0) -> Couplings:
    """By one of METHODS.  Errors allow for rows that are alike within a group.

    boltzmann: exact moments, N <= 20.  tap, mean-field: jackknife over groups, without what the approximation is off.
    """
    G = int(group.max()) + 1
    wide = (G / (G - 1)) ** 0.5
    if method == "pseudolikelihood":
        found = jax.tree.map(np.asarray, pseudolikelihood(jnp.asarray(s), jnp.asarray(group), jnp.zeros(G), ridge))
        both = (found.moved_J + found.moved_J.swapaxes(1, 2)) / 2
        apart = found.moved_J - found.moved_J.swapaxes(1, 2)
        spread = lambda a: wide * np.sqrt(np.square(a).sum(axis=0))  # noqa: E731
        off = np.abs(found.J - found.J.T) / np.maximum(spread(apart), 1e-12)
        return Couplings((found.J + found.J.T) / 2, found.h, spread(both), spread(found.moved_h),
                         float(found.gradient), float(off.max()))  # fmt: skip
    count = np.bincount(group, minlength=G).astype(float)
    sums = np.stack([np.column_stack([(rows := s[group == g]).sum(axis=0)[:, None], rows.T @ rows]) for g in range(G)])
    whole = sums.sum(axis=0) / len(s)
    m, products = whole[:, 0], whole[:, 1:]
    if method == "boltzmann":
        return matched(s, group, m, products, wide)
    solve = jax.jit(lambda m, P: (exact.tap if method == "tap" else exact.naive_mean_field)(m, P - jnp.outer(m, m)))
    J, h = (np.asarray(a) for a in solve(jnp.asarray(m), jnp.asarray(products)))
    without = (whole * len(s) - sums) / (len(s) - count)[:, None, None]
    parts = jax.vmap(solve)(jnp.asarray(without[:, :, 0]), jnp.asarray(without[:, :, 1:]))
    jackknife = [np.sqrt((G - 1) * np.asarray(a).var(axis=0)) for a in parts]
    return Couplings(J, h, jackknife[0], jackknife[1], 0.0, None)


def matched(
    s: Float[np.ndarray, "n N"], group: Int[np.ndarray, " n"], m: np.ndarray, products: np.ndarray, wide: float
) -> Couplings:
    """The maximum of the likelihood; errors F⁻¹ Σ_groups (Σ_rows t - <t>)² F⁻¹, t the products, F their covariance."""
    N = len(m)
    i, j = map(np.asarray, exact.pairs_of(N))
    t = np.concatenate([s, s[:, i] * s[:, j]], axis=1)
    t -= t.mean(axis=0)
    F = t.T @ t / len(t) + 1e-9 * np.eye(t.shape[1])
    zero = jnp.zeros((N, N))
    found = exact.match_moments(
        jnp.asarray(m), jnp.asarray(products), zero, jnp.arctanh(jnp.asarray(m)), jnp.asarray(F)
    )
    moved = np.linalg.solve(F, np.stack([t[group == g].sum(axis=0) for g in range(int(group.max()) + 1)]).T / len(t))
    error = wide * np.sqrt(np.square(moved).sum(axis=1))
    J_error = np.zeros((N, N))
    J_error[i, j] = J_error[j, i] = error[N:]
    return Couplings(np.asarray(found.J), np.asarray(found.h), J_error, error[:N], float(found.off), None)
