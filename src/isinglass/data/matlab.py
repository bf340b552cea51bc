# SPDX-License-Identifier: Apache-2.0
"""Arrays of numbers in a MATLAB file of version 5 to 7.2: a header of 128 bytes, then typed elements.

A broken file raises ValueError.  Version 7.3 is HDF5.  Ref: MAT-File Format, The MathWorks, R2023a, chapter 1.
"""

import math
import struct
import zlib
from collections.abc import Iterator

import numpy as np

__all__ = ["matlab_arrays"]

NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
MATRIX, COMPRESSED = 14, 15


def matlab_arrays(raw: bytes) -> dict[str, np.ndarray]:
    """The numeric arrays by name; cells, structures, text and sparse matrices are passed over."""
    order = {b"IM": "<", b"MI": ">"}.get(raw[126:128])
    if order is None or len(raw) < 136:
        raise ValueError("not a MATLAB file of version 5 to 7.2")
    found = {}
    for kind, data in elements(raw[128:], order):
        if kind == COMPRESSED:
            kind, data = next(elements(zlib.decompress(data), order), (0, b""))
        if kind == MATRIX and (named := matrix(data, order)):
            found[named[0]] = named[1]
    return found


def elements(raw: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and data of each element; up to four bytes of data may stand in the tag itself."""
    at = 0
    while at + 8 <= len(raw):
        kind, size = struct.unpack_from(order + "II", raw, at)
        if kind >> 16:
            kind, size, start, step = kind & 0xFFFF, kind >> 16, at + 4, 8
        else:
            start, step = at + 8, 8 + (size if kind == COMPRESSED else -(-size // 8) * 8)
        if start + size > len(raw):
            raise ValueError("cut short")
        yield kind, raw[start : start + size]
        at += step


def matrix(raw: bytes, order: str) -> tuple[str, np.ndarray] | None:
    """Name and values of an array, its first index running fastest; None where it holds no numbers."""
    parts = list(elements(raw, order))
    if len(parts) < 4 or len(parts[0][1]) < 8:
        return None
    (flags,) = struct.unpack_from(order + "I", parts[0][1])
    shape = np.frombuffer(parts[1][1], order + "i4").tolist()
    if flags & 0xFF not in CLASSES or any(kind not in NUMBERS for kind, _ in parts[3:]):
        return None
    values = [np.frombuffer(data, order + NUMBERS[kind]) for kind, data in parts[3:5]]
    if min(shape) < 0 or any(math.prod(shape) != len(v) for v in values):
        raise ValueError("an array of another size than stated")
    real = values[0].astype(CLASSES[flags & 0xFF])
    if flags & 0x0800 and len(values) > 1:
        real = np.stack([real.astype(float), values[1].astype(float)], axis=-1).view(complex)[:, 0]
    return parts[2][1].decode("ascii", errors="replace"), real.reshape(shape, order="F")
