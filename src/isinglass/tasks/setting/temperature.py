# SPDX-License-Identifier: Apache-2.0
"""Temperatures from text or numbers."""

import sys
from collections.abc import Sequence
from typing import Any

from isinglass.errors import InputError
from isinglass.memory import require_memory

LEAST = sys.float_info.min  # 1/T of less is not finite
BYTES = 4096  # of a temperature, with one chain at it

__all__ = ["check_temperature", "parse_temperature"]


def parse_temperature(words: Sequence[str]) -> list[float] | None:
    """`a:b:n` (n values from a to b, both included), or a list with spaces or commas; the parts may be mixed."""
    parts = [part for word in words for part in word.split(",") if part]
    values: list[float] = []
    for part in parts:
        try:
            if ":" not in part:
                values.append(float(part))
                continue
            first, last, n = part.split(":")
            a, b, count = float(first), float(last), int(n)
            require_memory("temperatures", BYTES * count, f"{count}", "choose fewer")
            values += [a + (b - a) * i / max(count - 1, 1) for i in range(count)]
        except InputError:
            raise
        except ValueError:
            raise InputError(
                "a temperature, or from:to:number", repr(part), "write e.g. 1.5:3.5:41 or 2.0 2.2"
            ) from None
    if not words:
        return None
    if not values or not all(LEAST <= t < float("inf") for t in values):
        raise InputError("positive, finite temperatures", " ".join(words)[:60] or "none", "write e.g. 1.5:3.5:41")
    return values


def check_temperature(temperature: Any) -> Any:
    """One or more positive temperatures, ascending, [T].

    Errors: InputError for values that are not positive and finite.
    """
    import numpy as np

    try:
        array = np.atleast_1d(np.asarray(temperature))
    except (TypeError, ValueError):
        array = np.zeros(1, object)
    if array.dtype.kind not in "iuf":
        raise InputError("temperatures as numbers", repr(temperature)[:60], "try np.linspace(1.5, 3.5, 41)")
    array = array.astype(float)
    if array.ndim != 1 or not array.size or not np.isfinite(array).all() or (array < LEAST).any():
        raise InputError("positive, finite temperatures", str(array.tolist())[:60], "try np.linspace(1.5, 3.5, 41)")
    return np.unique(array)
