# SPDX-License-Identifier: Apache-2.0
"""A symmetry: transformations of configurations that leave an energy unchanged."""

from abc import ABC, abstractmethod

from jaxtyping import Array, Shaped

__all__ = ["AbstractSymmetry"]


class AbstractSymmetry(ABC):
    """A group G that acts on configurations; data, hashable.  Law of what declares it: E(g x) = E(x) for all g in G."""

    @abstractmethod
    def act(self, key, x: Shaped[Array, "*site"]) -> Shaped[Array, "*site"]:
        """g x for a random g.  Law: repeated, it reaches every element of the group."""
