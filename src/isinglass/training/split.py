# SPDX-License-Identifier: Apache-2.0
"""Validation split by whole group: correlated samples are never on both sides."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Integer, Key

__all__ = ["Split", "split_by_group", "straddling_groups"]


class Split(NamedTuple):
    """Row numbers of the two sides."""

    training: np.ndarray
    validation: np.ndarray


def split_by_group(
    key: Key[Array, ""], groups: Integer[Array | np.ndarray, " n"], fraction: float = 0.2, strata=None
) -> Split:
    """Put about `fraction` of the groups wholly into validation.

    `groups[i]` numbers the Markov chain and temperature that sample i came from. With `strata[i]` (a label or a
    temperature number) the fraction is taken within every stratum that has two groups or more, so that none is missing
    from training.  Law: no group has rows on both sides.
    """
    groups = np.asarray(groups)
    if not 0 < fraction < 1:
        raise ValueError(f"expected 0 < fraction < 1; found {fraction}; try 0.2.")
    names, first = np.unique(groups, return_index=True)
    if len(names) < 2:
        raise ValueError(
            f"expected at least 2 independent groups; found {len(names)}; run more chains or temperatures."
        )
    order = np.asarray(jax.random.permutation(key, jnp.arange(len(names))))
    stratum = np.zeros(len(names), int) if strata is None else np.asarray(strata)[first]
    held = np.zeros(len(names), bool)
    for value in np.unique(stratum):
        members = order[stratum[order] == value]
        count = min(max(1, round(fraction * len(members))), len(members) - 1)
        held[members[:count]] = True
    validation = np.isin(groups, names[held])
    return Split(np.flatnonzero(~validation), np.flatnonzero(validation))


def straddling_groups(groups: Integer[Array | np.ndarray, " n"], split: Split) -> np.ndarray:
    """The groups with rows on both sides of a split: empty unless something leaked."""
    groups = np.asarray(groups)
    return np.intersect1d(groups[split.training], groups[split.validation])
