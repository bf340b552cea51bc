# SPDX-License-Identifier: Apache-2.0
"""Bootstrap of runs, or of groups of similar runs where their residuals are alike, as weights of a fit.

Ref: Efron & Tibshirani 1993, doi:10.1201/9780429246593; blocks: Künsch 1989, doi:10.1214/aos/1176347265.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key
from scipy.stats import spearmanr

__all__ = ["Alike", "counts_of", "groups_of", "likeness"]

GROUP = 8  # runs in a group, on average


class Alike(NamedTuple):
    """Rank correlation of the residual of each run with that of the run most similar to it in ln x."""

    correlation: float
    p_value: float


def likeness(t: Float[np.ndarray, "n k"], residual: Float[np.ndarray, " n"]) -> Alike:
    """One-sided.  Pairs that are each other's nearest count once."""
    from scipy.spatial import KDTree

    z = t / t.std(axis=0)
    nearest = KDTree(z).query(z, k=2)[1]
    pairs = np.unique(np.sort(np.stack([np.arange(len(z)), other_of(nearest)], axis=1), axis=1), axis=0)
    found = spearmanr(residual[pairs[:, 0]], residual[pairs[:, 1]], alternative="greater")
    return Alike(float(found.statistic), float(found.pvalue))  # pyright: ignore


def other_of(nearest: Int[np.ndarray, "n two"]) -> Int[np.ndarray, " n"]:
    """The nearest that is not the run itself; equal runs may come in either order."""
    return np.where(nearest[:, 0] == np.arange(len(nearest)), nearest[:, 1], nearest[:, 0])


def groups_of(t: Float[np.ndarray, "n k"], seed: int) -> Int[np.ndarray, " n"]:
    """A number for each run: one of n/8 groups of runs that are near one another in ln x (k-means)."""
    from sklearn.cluster import KMeans

    z = t / t.std(axis=0)
    several = min(max(2, len(z) // GROUP), len(np.unique(z, axis=0)))
    return np.unique(KMeans(several, n_init=4, random_state=seed).fit_predict(z), return_inverse=True)[1].reshape(-1)


def counts_of(key: Key[Array, ""], group: Int[np.ndarray, " n"], replicas: int) -> Float[np.ndarray, "replicas n"]:
    """How often each run is taken: as many groups as there are, with replacement."""
    n = int(group.max()) + 1
    taken = jax.random.randint(key, (replicas, n), 0, n)
    count = jax.vmap(lambda index: jnp.zeros(n).at[index].add(1.0))(taken)
    return np.asarray(count)[:, group]
