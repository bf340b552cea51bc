# SPDX-License-Identifier: Apache-2.0
"""A scene: what one tab shows, computed block by block."""

from abc import ABC, abstractmethod
from typing import Any

from isinglass.lab.frame import Frame

__all__ = ["AbstractScene"]


class AbstractScene(ABC):
    """A computation that a tab watches.  One thread at a time works on it."""

    @abstractmethod
    def serves(self, wish: Any) -> bool:
        """Can it go on as this wish asks, or does the wish need a new scene?"""

    @abstractmethod
    def first(self, wish: Any) -> Frame:
        """The frame before anything is computed: at once, without JAX."""

    @abstractmethod
    def prepare(self, wish: Any) -> None:
        """Load and compile what `advance` needs: may take seconds."""

    @abstractmethod
    def advance(self, wish: Any, seconds: float) -> Frame:
        """The next frame, computed in about so many seconds."""
