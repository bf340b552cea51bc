# SPDX-License-Identifier: Apache-2.0
"""What a tab is sent: a picture with its numbers, one binary message.

    4 bytes: length n of the header, little-endian;  n bytes: JSON;  the rest: the picture.

The header says of the picture `form`: bits (1 bit a site, the first site in the highest bit), bytes (1 byte a site) or
points (float32 pairs), and `shape`.
"""

import json
import math
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Frame", "finite"]


class Frame(NamedTuple):
    """A picture and the numbers beside it."""

    header: dict[str, Any]  # JSON values; floats that are not finite become null
    picture: np.ndarray

    def encoded(self, **more: Any) -> bytes:
        """The message."""
        text = json.dumps(finite({**self.header, **more}), allow_nan=False, separators=(",", ":")).encode()
        return len(text).to_bytes(4, "little") + text + np.ascontiguousarray(self.picture).tobytes()


def finite(value: Any) -> Any:
    """The value with null for numbers that JSON has not, and NumPy's numbers as plain ones."""
    if isinstance(value, dict):
        return {str(name): finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [finite(one) for one in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
