# SPDX-License-Identifier: Apache-2.0
"""Temperatures from text or numbers."""

from collections.abc import Sequence
from typing import Any

from isinglass.errors import InputError

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
            values += [a + (b - a) * i / max(count - 1, 1) for i in range(count)]
        except ValueError:
            raise InputError(
                "a temperature, or from:to:number", repr(part), "write e.g. 1.5:3.5:41 or 2.0 2.2"
            ) from None
    if not words:
        return None
    if not values or not all(0 < t < float("inf") for t in values):
        raise InputError("positive, finite temperatures", " ".join(words), "write e.g. 1.5:3.5:41")
    return values


def check_temperature(temperature: Any) -> Any:
    """One or more positive temperatures, ascending, [T].

    Errors: InputError for values that are not positive and finite.
    """
    import numpy as np

    try:
        array = np.atleast_1d(np.asarray(temperature, float))
    except (TypeError, ValueError):
        raise InputError("temperatures as numbers", repr(temperature), "try np.linspace(1.5, 3.5, 41)") from None
    if array.ndim != 1 or not np.isfinite(array).all() or (array <= 0).any():
        raise InputError("positive, finite temperatures", f"{array.tolist()}", "try np.linspace(1.5, 3.5, 41)")
    return np.unique(array)
