# SPDX-License-Identifier: Apache-2.0
"""What the axes of an array of configurations count: rows, points of the scan, sites, components of a spin.

Decided by shapes and by evidence alone: vectors have one length on all sites; neighbors along the axes of one lattice
are equally alike.  Where two readings stay possible the user is asked for `axes`, one word for each axis of the array,
or for the sides, `shape`.
"""

import math
from typing import NamedTuple

import numpy as np

from isinglass.data.alike import alike, folded
from isinglass.errors import InputError

__all__ = ["WORDS", "Arranged", "arranged"]

WORDS = ("row", "point", "site", "vector", "channel", "one")
NORM = 1e-3  # by which the lengths of vectors may differ from their mean
LARGEST_VECTOR = 8
THIN = 4  # a side up to this, beside larger ones, may as well count components


class Arranged(NamedTuple):
    """Configurations with rows first and components last."""

    x: np.ndarray  # [n, *site], or with components [n, *site, c]
    parameter: np.ndarray  # [n]
    inner: str  # what the last axis counts: "", vector, channel or state (one of q, 0 or 1)
    words: tuple[str, ...]  # how it was done, in words


def arranged(
    x: np.ndarray, parameter: np.ndarray, where: str, *, shape: tuple[int, ...] = (), axes: tuple[str, ...] = (),
    channels: bool | None = None, vectors: bool = False,
) -> Arranged:  # fmt: skip
    """Configurations in the order of `Arranged`, with one value of the parameter for each.

    `parameter` has a value for each row, for each point of an axis, or for each of the first two axes.
    `channels`, `vectors`: the last axis is known to count them, or not to.
    """
    said: list[str] = []
    if shape:
        x, text = folded_sites(x, shape, where)
        said += text
    if not axes:
        last = "channel" if channels else "vector" if vectors else "site" if channels is not None else ""
        axes = deduced(x, parameter, where, last)
        said += [f"axes {' '.join(axes)}"] if "point" in axes or not in_order(axes) else []
    check_words(axes, x, where)
    y, t = put_in_order(x, parameter, axes, where)
    inner = next((word for word in ("vector", "channel") if word in axes), "")
    if inner == "vector":
        said += [f"vectors {'last' if axes[-1] == 'vector' else 'first'}"]
        inner = "state" if is_one_hot(y, y.ndim - 1) else inner
    if "one" in axes:
        said += ["axes of one dropped"]
    if not shape and "site" in axes and y.ndim - (inner != "") == 2:
        ask_for_sides(y if not inner else None, y.shape[1], where)
    return Arranged(y, t, inner, tuple(said))


def in_order(axes: tuple[str, ...]) -> bool:
    """Whether these are rows, sites, components."""
    kept = [word for word in axes if word != "one"]
    return kept == sorted(kept, key=("row", "point", "site", "vector", "channel").index)


def folded_sites(x: np.ndarray, shape: tuple[int, ...], where: str) -> tuple[np.ndarray, list[str]]:
    """The flattened axis as sides, where the sides are given: numbers, packed bits or vectors."""
    n = math.prod(shape)
    text = " x ".join(map(str, shape))
    if any(x.shape[i : i + len(shape)] == shape for i in range(x.ndim)):
        return x, []
    fitting = [a for a in range(x.ndim - 1, -1, -1) if x.shape[a] == n]
    if fitting and (x.ndim > 1 or x.shape[0] != n):
        a = fitting[0]
        return x.reshape(*x.shape[:a], *shape, *x.shape[a + 1 :]), [f"{n} sites in a row as {text}"]
    if x.dtype == np.uint8 and n == 8 * x.shape[-1] or x.ndim == 1 and x.dtype == np.uint8 and 8 * x.size % n == 0:
        return np.unpackbits(x, axis=-1).reshape(*(x.shape[:-1] or (-1,)), *shape), [f"packed bits as {text}"]
    if x.ndim > 1 and x.shape[-1] % n == 0 and x.shape[-1] // n <= LARGEST_VECTOR:
        c = x.shape[-1] // n
        for sides in ((*shape, c), (c, *shape)):
            y = x.reshape(*x.shape[:-1], *sides)
            if are_vectors(y, y.ndim - 1 if sides[-1] == c else y.ndim - len(sides)):
                return y, [f"{x.shape[-1]} numbers in a row as vectors on {text}"]
    if x.ndim == 1 and x.shape[0] % n == 0:
        return x.reshape(-1, *shape), [f"one row of numbers as configurations of {text}"]
    raise InputError(f"configurations of {text} = {n} sites", f"shape {list(x.shape)} in {where}", "check shape")


def check_words(axes: tuple[str, ...], x: np.ndarray, where: str) -> None:
    """Errors: InputError for words that do not describe the array."""
    found = f"{' '.join(axes)} for shape {list(x.shape)} in {where}"
    if len(axes) != x.ndim or any(word not in WORDS for word in axes):
        raise InputError(
            f"one word for each of {x.ndim} axes, among {', '.join(WORDS)}",
            found,
            f"write axes='row{' site' * (x.ndim - 1)}'",
        )
    if "site" not in axes or not {"row", "point"} & set(axes):
        raise InputError("row or point, and site, among the words of axes", found, "name every axis")
    if any(axes.count(word) > 1 for word in ("row", "point")) or {"vector", "channel"} <= set(axes):
        raise InputError("one axis of rows, one of points, one of components", found, "name each axis once")
    if any(n != 1 for n, word in zip(x.shape, axes, strict=True) if word == "one"):
        raise InputError("axes of length 1 where axes says one", found, "name it otherwise")


def put_in_order(x: np.ndarray, t: np.ndarray, axes: tuple[str, ...], where: str) -> tuple[np.ndarray, np.ndarray]:
    """Points and rows as one axis, then sites, then components; the parameter of each row."""
    order = [a for word in ("point", "row", "site", "vector", "channel") for a, w in enumerate(axes) if w == word]
    length = {word: x.shape[axes.index(word)] for word in ("point", "row") if word in axes}
    ones = tuple(a for a, word in enumerate(axes) if word == "one")
    y = x.transpose(*order, *ones).reshape(-1, *(x.shape[a] for a in order[len(length) :]))
    n_point, n_row = length.get("point"), length.get("row", 1)
    expected = n_row if n_point is None else n_point
    if t.ndim == 2 and n_point is not None and t.shape in ((n_point, n_row), (n_row, n_point)):
        return y, (t if t.shape == (n_point, n_row) else t.T).reshape(-1)
    if t.size != expected:
        found = f"{t.size} for axes of {' x '.join(map(str, x.shape))} in {where}"
        raise InputError("one value of the parameter for each configuration", found, "give both arrays the same length")
    t = t.reshape(-1)
    return y, t if n_point is None else np.repeat(t, n_row)


def deduced(x: np.ndarray, t: np.ndarray, where: str, last: str) -> tuple[str, ...]:
    """The word of each axis.  Errors: InputError where shapes and evidence allow more than one reading."""
    words: dict[int, str] = {a: "one" for a in range(1, x.ndim) if x.shape[a] == 1}
    if x.shape[0] == 1 and t.size != 1 and x.ndim > 2:
        words[0] = "one"
    left = [a for a in range(x.ndim) if a not in words]
    vector = (
        left[-1]
        if last in ("channel", "vector")
        else next((a for a in reversed(left[1:]) if len(left) > 2 and are_vectors(x, a)), None)
    )
    if vector is not None:
        words[vector] = "channel" if last == "channel" else "vector"
        left.remove(vector)
    words |= rows_and_points(x, t, left, where)
    sites = [a for a in left if a not in words]
    if last != "site":
        refuse_thin(x, sites, words, where)
    words |= {a: "site" for a in sites}
    return tuple(words[a] for a in range(x.ndim))


def rows_and_points(x: np.ndarray, t: np.ndarray, left: list[int], where: str) -> dict[int, str]:
    """Which axis counts rows and which points of the scan, in words."""
    if t.ndim == 2 and min(t.shape) > 1 and len(left) > 2:
        return {left[0]: "point", left[1]: "row"}
    fitting = [a for a in left if x.shape[a] == t.size]
    if not fitting or len(left) < 2:
        found = f"{t.size} for shape {list(x.shape)} in {where}"
        fix = "give both arrays the same length, one value a row"
        raise InputError(f"one value of the parameter for each of {x.shape[0]} configurations", found, fix)
    if len(np.unique(t)) < t.size or len(left) == 2:
        return {fitting[0]: "row"}
    a = fitting[0]
    others = [b for b in left if b != a]
    sides = [x.shape[b] for b in others]
    every, each = {a: "row"}, {a: "point", others[0]: "row"}
    if len(others) > 3:
        return each
    same, square = alike(x, others), len(set(sides)) == 1
    if same is None:
        if len(others) == 3 and not square and sides[1] == sides[2]:
            return each  # [T, n, L, L]
        if len(others) == 2 and square:
            return every  # [n, L, L], one row at each value
        ask_for_axes(x, every, each, where)
    if same is False and square and (len(others) == 2 or not alike(x, others[1:])):
        ask_for_axes(x, every, each, where)
    return every if same else each


def ask_for_axes(x: np.ndarray, first: dict[int, str], second: dict[int, str], where: str) -> None:
    """Errors: InputError with two readings of the axes."""
    one, two = (" ".join(words.get(a, "site") for a in range(x.ndim)) for words in (first, second))
    raise InputError("to know what the axes count", f"shape {list(x.shape)} in {where}, which may be read in two ways",
                     f"say axes='{one}' or axes='{two}'")  # fmt: skip


def refuse_thin(x: np.ndarray, sites: list[int], words: dict[int, str], where: str) -> None:
    """Errors: InputError where a thin axis beside larger ones may count components instead of sites."""
    if len(sites) < 2 or "vector" in words.values() or "channel" in words.values():
        return
    for thin in (sites[-1], sites[0]):
        if x.shape[thin] <= min(THIN, min(x.shape[b] for b in sites if b != thin) / 2):
            said = ["vector", "channel"] if x.dtype.kind == "f" else ["channel"]
            readings = [
                " ".join((words | {thin: word}).get(a, "site") for a in range(x.ndim)) for word in [*said, "site"]
            ]
            raise InputError(
                f"to know what the axis of {x.shape[thin]} counts: components, variables of a site (links), or layers",
                f"shape {list(x.shape)} in {where}, no vectors of one length",
                "say " + " or ".join(f"axes='{reading}'" for reading in readings),
            )  # fmt: skip


def are_vectors(x: np.ndarray, a: int) -> bool:
    """Whether |s|² is one number on all sites along axis a, and s is continuous or one of q states."""
    if not 2 <= x.shape[a] <= LARGEST_VECTOR * 4 or x.dtype.kind not in "biuf":
        return False
    some = x[:: max(1, len(x) // 500)]
    if is_one_hot(some, a):
        return x.ndim > 2 and is_one_hot(x, a)
    if x.dtype.kind != "f" or x.shape[a] > LARGEST_VECTOR or len(np.unique(some.reshape(-1)[:10000])) < 30:
        return False
    square = np.square(x, dtype=np.float64).sum(axis=a)
    mean = square.mean()
    return bool(mean > 0 and np.abs(square - mean).max() < 2 * NORM * mean)


def is_one_hot(x: np.ndarray, a: int) -> bool:
    """Whether the axis holds one 1 and else 0."""
    return bool(np.isin(x, (0, 1)).all() and (x.sum(axis=a) == 1).all())


def ask_for_sides(x: np.ndarray | None, n: int, where: str) -> None:
    """Errors: InputError where sites in one row may be those of a square or a cube, unless seen to be a chain."""
    found = folded(x, n) if x is not None else None
    roots = [(round(n ** (1 / d)),) * d for d in (2, 3) if round(n ** (1 / d)) ** d == n and n > 8]
    roots += [found] if found and not any(sides[-1] == found[-1] for sides in roots) else []
    if not roots or found == (n,):
        return
    squares = " or ".join(f"{n} = {' x '.join(map(str, sides))}?" for sides in roots)
    seen = f"; sites {found[-1]} apart are alike" if found else ""
    choices = " or ".join(f"shape='{' '.join(map(str, sides))}'" for sides in roots)
    raise InputError("the sides of the lattice", f"{n} sites in a row in {where} ({squares}{seen})",
                     f"say {choices}, or shape='{n}' for a chain")  # fmt: skip
