# SPDX-License-Identifier: Apache-2.0
"""What other packages add by entry points: a broken one is named and left out, and never stops this package."""

import importlib
import warnings
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any

__all__ = ["classes"]


def classes(group: str, base: str, needed: Sequence[str]) -> list[tuple[str, Any]]:
    """("module:Class", class) of each entry point of a group that is a `base`, with the class variables `needed`.

    `base`: "module:Class", imported only where there is an entry point.
    Warns of each that cannot be imported or is none, with the package to fix or to remove.
    """
    found = []
    module, _, name = base.partition(":")
    for point in entry_points(group=group):
        kind = getattr(importlib.import_module(module), name)
        try:
            loaded = point.load()
        except Exception as error:  # whatever the import of another package may raise
            skip(point, f"{type(error).__name__}: {error}")
            continue
        missing = [variable for variable in needed if not hasattr(loaded, variable)]
        if not (isinstance(loaded, type) and issubclass(loaded, kind)):
            skip(point, f"it is no {name}")
        elif missing:
            skip(point, f"it has no {', '.join(missing)}")
        else:
            found.append((point.value, loaded))
    return found


def skip(point: Any, reason: str) -> None:
    """Warn of an entry point that is left out."""
    package = getattr(point.dist, "name", "another package")
    warnings.warn(f"{package} adds {point.value} to {point.group}, which is left out: {reason}", stacklevel=4)
