# SPDX-License-Identifier: Apache-2.0
"""The kind of the variables of a configuration, from their values.

| values                                                        | kind  | kept as            |
|---------------------------------------------------------------|-------|--------------------|
| -1 and 1, or 0 and 1 (integers, booleans, whole floats)       | ising | int8, s = ±1       |
| 0 .. q-1, q at most 127 (integers, whole floats)              | potts | int8               |
| floats in [-π, π] or [0, 2π) that fill 99 % of the circle     | angle | float64, in radian |
| other floats                                                  | real  | float64            |

A field that merely lies within ±π (φ⁴, say) does not fill the circle and counts as real; `kind` or an attribute
`kind` of the file overrides the table.
"""

import math
from typing import get_args

import numpy as np
from jaxtyping import Shaped

from isinglass.data.configurations import Kind
from isinglass.errors import InputError

__all__ = ["KINDS", "as_kind", "detect_kind"]

KINDS: tuple[Kind, ...] = get_args(Kind)
FILLED = 0.99  # fraction of the circle that angles of many configurations cover


def detect_kind(x: Shaped[np.ndarray, "..."]) -> Kind:
    """The kind according to the table above.  Errors: InputError for integers that fit none."""
    low, high = float(x.min()), float(x.max())
    if is_whole(x):
        values = set(np.unique(x).tolist())
        if values <= {-1, 1} or values <= {0, 1}:
            return "ising"
        if low >= 0 and high < 127:
            return "potts"
        if x.dtype.kind in "iub":
            found = f"integers from {low:g} to {high:g}"
            raise InputError(
                "spins ±1 or 0/1, or Potts values 0 .. q-1 with q <= 127", found, "say kind 'real' if meant"
            )
        return "real"
    one_turn = high - low <= 2 * math.pi * (1 + 1e-6)
    in_range = max(-low, high) <= math.pi * (1 + 1e-6) or (low >= 0 and high <= 2 * math.pi * (1 + 1e-6))
    return "angle" if one_turn and in_range and high - low > FILLED * 2 * math.pi else "real"


def as_kind(x: Shaped[np.ndarray, "..."], kind: str) -> Shaped[np.ndarray, "..."]:
    """The values as stored for this kind.  Errors: InputError for values that do not fit it."""
    if kind not in KINDS:
        raise InputError(f"a kind among {', '.join(KINDS)}", repr(kind), "choose one of them, or none to have it found")
    low, high = float(x.min()), float(x.max())
    if kind == "ising":
        values = set(np.unique(x).tolist()) if is_whole(x) else {low, high, 0.5}
        if not (values <= {-1, 1} or values <= {0, 1}):
            raise InputError("Ising spins ±1 or 0/1", f"values from {low:g} to {high:g}", "choose another kind")
        x = x.astype(np.int8)
        return x if values <= {-1, 1} else 2 * x - np.int8(1)
    if kind == "potts":
        if not is_whole(x) or low < 0 or high >= 127:
            raise InputError(
                "Potts values 0 .. q-1, q <= 127", f"values from {low:g} to {high:g}", "choose another kind"
            )
        return x.astype(np.int8)
    return x.astype(np.float64)


def is_whole(x: Shaped[np.ndarray, "..."]) -> bool:
    """Whether all values are integers."""
    return x.dtype.kind in "iub" or bool(np.array_equal(x, np.rint(x)))
