# SPDX-License-Identifier: Apache-2.0
"""A generator in the units of an array, x = c + w s(z), as `Rescaled` does for a density."""

from jaxtyping import Array, Bool, Float, Key, Shaped

from isinglass.nets.density import AbstractGenerator
from isinglass.nets.flow.rescaled import Rescaled

__all__ = ["RescaledGenerator"]


class RescaledGenerator(AbstractGenerator):
    """x of a generator of vectors z (N,), in the units of `Rescaled`; without a density."""

    base: AbstractGenerator
    center: Float[Array, "*site"]
    width: Float[Array, "*site"]
    heavy: Bool[Array, "*site"]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.center.shape

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        return Rescaled(self.base, self.center, self.width, self.heavy).in_units(self.base.draw(key))  # pyright: ignore
