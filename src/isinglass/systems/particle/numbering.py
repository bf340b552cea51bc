# SPDX-License-Identifier: Apache-2.0
"""One numbering for equal particles, so that a density has one of their n! arrangements to learn."""

import numpy as np
from jaxtyping import Shaped

__all__ = ["dimer_images", "in_order", "ordered"]


def ordered(x: Shaped[np.ndarray, "*n discs 2"]) -> Shaped[np.ndarray, "*n discs 2"]:
    """Every configuration of the dimer with one numbering of its bath."""
    flat = x.reshape(-1, *x.shape[-2:])
    return np.stack([in_order(one) for one in flat]).reshape(x.shape)


def dimer_images(rng: np.random.Generator, x: Shaped[np.ndarray, "n discs 2"]) -> Shaped[np.ndarray, "m discs 2"]:
    """The four reflections of each configuration in the axes of the box, in one numbering: equal energy."""
    return ordered(np.concatenate([x * np.array(signs) for signs in ((1, 1), (-1, 1), (1, -1), (-1, -1))]))


def in_order(x: Shaped[np.ndarray, "n 2"]) -> Shaped[np.ndarray, "n 2"]:
    """The discs of the bath numbered by their angle: equal particles, one numbering.  Their energy is the same."""
    bath = x[2:]
    return np.concatenate([x[:2], bath[np.argsort(np.arctan2(bath[:, 1], bath[:, 0]))]])
