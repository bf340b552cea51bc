# SPDX-License-Identifier: Apache-2.0
"""A canonical numbering of identical particles, so that a density learns one of their n! permutations."""

import numpy as np
from jaxtyping import Shaped

__all__ = ["dimer_images", "in_order", "ordered"]


def ordered(x: Shaped[np.ndarray, "*n discs 2"]) -> Shaped[np.ndarray, "*n discs 2"]:
    """`in_order` for each of the configurations [..., discs, 2]."""
    flat = x.reshape(-1, *x.shape[-2:])
    return np.stack([in_order(one) for one in flat]).reshape(x.shape)


def dimer_images(rng: np.random.Generator, x: Shaped[np.ndarray, "n discs 2"]) -> Shaped[np.ndarray, "m discs 2"]:
    """The images of each configuration under x -> ±x, y -> ±y, in canonical numbering: equal energy."""
    return ordered(np.concatenate([x * np.array(signs) for signs in ((1, 1), (-1, 1), (1, -1), (-1, -1))]))


def in_order(x: Shaped[np.ndarray, "n 2"]) -> Shaped[np.ndarray, "n 2"]:
    """One configuration with the discs of the bath sorted by polar angle.  Law: the energy is unchanged."""
    bath = x[2:]
    return np.concatenate([x[:2], bath[np.argsort(np.arctan2(bath[:, 1], bath[:, 0]))]])
