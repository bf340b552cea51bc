# SPDX-License-Identifier: Apache-2.0
"""Fields on a periodic lattice known only by samples, and one field observed with noise."""

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

__all__ = ["FieldSamples", "NoisyField"]


class FieldSamples(eqx.Module):
    """n samples x [n, *site] of one unknown distribution of fields.

    Errors: ValueError for fewer than 16 fields.
    """

    x: Float[np.ndarray | Array, "n *site"]

    def __check_init__(self):
        if self.x.ndim < 2 or len(self.x) < 16:
            raise ValueError(f"expected 16 fields and more, [n, *site]; found shape {self.x.shape}; give one a row.")


class NoisyField(eqx.Module):
    """y = x + ε where mask = 1, ε ~ N(0, noise²); elsewhere y is not used.  Shapes: y and mask [*site]."""

    y: Float[np.ndarray | Array, "*site"]
    mask: Float[np.ndarray | Array, "*site"]
    noise: float

    def __check_init__(self):
        if self.y.shape != self.mask.shape or not self.noise > 0:
            raise ValueError(
                f"expected y and mask of one shape and noise > 0; found {self.y.shape}, {self.mask.shape}, {self.noise}"
            )
