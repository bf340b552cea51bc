# SPDX-License-Identifier: Apache-2.0
"""Mutations: of bytes, of JSON values, of words.  Law: equal generators give equal mutations."""

import copy
import random
import struct
from typing import Any

__all__ = ["HOSTILE", "flipped", "reworded", "varied"]

HOSTILE = [
    None, True, False, 0, -1, 1, 2, 3, 7, 16, 0.5, 1.5, 5.0, 1e308, -1e308, 1e-320, float("nan"), float("inf"),
    10**30, 2**31, -(2**63), 2**64, "", "x", "nan", "inf", "0", "1", "[4]", "é", "\x00", "\n", "X(0)", "1e999", "../x",
    "isinglass", "pass", "great", "a" * 300, [], [[]], [None], [0], [1], [1.5], [-1], ["a"], [4, 4], [0, 0], [[0, 1]],
    [[0, 0]], [[1, 2, 3]], [[0, 10**12]], {}, {"a": 1}, {"value": 1, "error": None}, {"class": "os:system"},
]  # fmt: skip
SIZES = (0, 1, 2, 7, 255, 2**16, 2**31, 2**40, 2**62, -1)


def flipped(rng: random.Random, content: bytes) -> bytes:
    """Bytes changed, cut out, doubled, moved, or replaced by a hostile size."""
    b = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        if not b:
            break
        i, kind = rng.randrange(len(b)), rng.randrange(7)
        if kind == 0:
            b[i] ^= 1 << rng.randrange(8)
        elif kind == 1:
            b[i] = rng.choice((0, 255, 127, 128, rng.randrange(256)))
        elif kind == 2:
            del b[i : i + rng.choice((1, 2, 8, 64, 10**6))]
        elif kind == 3:
            b[i:i] = rng.randbytes(rng.choice((1, 2, 8)))
        elif kind == 4:
            j = rng.randrange(len(b))
            b[i : i + 8] = b[j : j + 8]
        elif kind == 5:
            n = rng.choice((1, 2, 4, 8))
            b[i : i + n] = rng.choice((b"\0", b"\xff", b"\x7f")) * n
        else:
            b[i : i + 8] = struct.pack("<q", rng.choice(SIZES))
    return bytes(b)


def varied(rng: random.Random, value: Any) -> Any:
    """A JSON value in which something is another, is gone, is there twice, or bears another name."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2, 3))):
        spots = list(spots_of(value))
        if not spots:
            return copy.deepcopy(rng.choice(HOSTILE))
        where, k = rng.choice(spots)
        kind, old = rng.randrange(6), where[k]
        if kind <= 2:
            where[k] = copy.deepcopy(rng.choice(HOSTILE))
        elif kind == 3:
            del where[k]
        elif kind == 4 and isinstance(where, dict):
            where[str(rng.choice(HOSTILE))[:40]] = old
        else:
            where[k] = near(rng, old)
    return value


def spots_of(value: Any) -> Any:
    """(container, key) of everything in a value."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in list(keys):
        yield value, key
        yield from spots_of(value[key])


def near(rng: random.Random, old: Any) -> Any:
    """Another value of the same type."""
    if isinstance(old, bool) or old is None:
        return not old
    if isinstance(old, int | float):
        return rng.choice((-old, old + 1, old - 1, old * 1000, float(old) if abs(old) < 1e300 else old, str(old)))
    if isinstance(old, list):
        return rng.choice((old[:-1], old + old[:1], old[::-1], [old]))
    return flipped(rng, old.encode()).decode(errors="replace") if isinstance(old, str) else old


def reworded(rng: random.Random, text: str, words: tuple[str, ...]) -> str:
    """A text with a piece replaced by one of these words, or by pieces of itself."""
    for _ in range(rng.choice((1, 1, 2, 3))):
        i, j = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        j = min(j, i + rng.choice((0, 0, 1, 2, 5)))
        at = rng.randrange(len(text) + 1)
        piece = rng.choice((*words, text[at : at + rng.choice((1, 3, 8))], chr(rng.randrange(32, 127))))
        text = text[:i] + piece + text[j:]
        if len(text) > 2000:
            return text[:2000]
    return text
