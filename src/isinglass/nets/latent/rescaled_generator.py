# SPDX-License-Identifier: Apache-2.0
"""A generator in the units of an array, x = c + w s(z), as `Rescaled` does for a density."""

from jaxtyping import Array, Key, Shaped

from isinglass.nets.density import AbstractGenerator
from isinglass.nets.flow.rescaled import Rescaled

__all__ = ["RescaledGenerator"]


class RescaledGenerator(AbstractGenerator):
    """x = units(z), z (N,) of a generator without a density."""

    base: AbstractGenerator
    units: Rescaled  # for its center, width and tails; its own base is not used

    @property
    def shape(self) -> tuple[int, ...]:
        return self.units.shape

    def draw(self, key: Key[Array, ""]) -> Shaped[Array, "*site"]:
        return self.units.in_units(self.base.draw(key))
