# SPDX-License-Identifier: Apache-2.0
"""A configuration as the page draws it; without JAX, for the first frame."""

import numpy as np
from jaxtyping import Shaped

__all__ = ["picture_of", "spins_of"]


def picture_of(model: str, x: Shaped[np.ndarray, "L L"]) -> Shaped[np.ndarray, " bytes"]:
    """Ising: bits, row by row; Potts: states; XY: angles in 256ths of a turn."""
    if model == "ising":
        return np.packbits(x.ravel() > 0)
    if model == "potts":
        return x.ravel().astype(np.uint8)
    return (np.floor(x.ravel() * (128 / np.pi)).astype(np.int64) % 256).astype(np.uint8)


def spins_of(picture: Shaped[np.ndarray, " bytes"], side: int) -> Shaped[np.ndarray, "L L"]:
    """Spins ±1 from the bits of an Ising picture."""
    return 2 * np.unpackbits(picture).reshape(side, side).astype(np.int8) - 1
