# SPDX-License-Identifier: Apache-2.0
"""Rows that are labelled as signal or background."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from isinglass.errors import InputError

__all__ = ["CheckedRows", "Labelled", "checked_labels"]

FEWEST = 50  # rows of each class


@dataclass(frozen=True, eq=False)
class Labelled:
    """Rows x [n, ...] with a label y [n] of two values: the larger one is the signal."""

    x: Any
    y: Any
    chain: Any = None  # [n]: rows of one number are not independent, and stay on one side of the split
    log_ratio: Any = None  # [n]: ln p(x given signal)/p(x given background), where it is known: the best score
    names: tuple[str, ...] = ()  # of the columns


@dataclass(frozen=True, eq=False)
class CheckedRows:
    """The same, checked."""

    x: np.ndarray  # [n, ...], float
    signal: np.ndarray  # [n], bool
    group: np.ndarray  # [n], a number for each independent row, equal for rows that are equal
    log_ratio: np.ndarray | None
    names: tuple[str, ...]
    labels: tuple[float, float]  # of background and signal
    repeated: int  # rows that occur before
    disputed: int  # of these, those whose label is another


def checked_labels(given: Labelled) -> CheckedRows:
    """Rows in double precision.

    Errors: InputError for unequal lengths, numbers that are not finite, other than two labels, or few rows of a class.
    """
    x, y = numbers(given.x, "x"), numbers(given.y, "y").reshape(-1)
    if x.ndim < 1 or len(x) != len(y):
        raise InputError("x [n, ...] and y [n], a label for each row", f"x {list(x.shape)}, y {list(y.shape)}",
                         "give equally many rows")  # fmt: skip
    x = x[:, None] if x.ndim == 1 else x
    if not x[0:1].size:
        raise InputError("rows with a number or more", f"x {list(x.shape)}", "give columns")
    flat = x.reshape(len(x), -1)
    bad = ~np.isfinite(flat).all(axis=1) | ~np.isfinite(y)
    if bad.any():
        raise InputError("finite numbers", f"NaN or infinity in {int(bad.sum())} of {len(x)} rows", "leave those out")
    values, count = np.unique(y, return_counts=True)
    if len(values) != 2:
        some = ", ".join(f"{v:g}" for v in values[:4]) + (", ..." if len(values) > 4 else "")
        raise InputError("labels of two values, for background and signal", f"{len(values)} ({some})",
                         "give rows of both classes, labelled 0 and 1")  # fmt: skip
    if count.min() < FEWEST:
        found = f"{count[0]} labelled {values[0]:g}, {count[1]} labelled {values[1]:g}"
        raise InputError(f"{FEWEST} rows of each class or more", found, "give more of the rarer class")
    signal = y == values[1]
    same = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1)
    if (different := int(same.max()) + 1) < FEWEST:
        raise InputError(f"{FEWEST} different rows or more", f"{different}", "give rows that vary, not copies")
    repeated, disputed = len(x) - (int(same.max()) + 1), mixed(same, signal)
    ratio = None if given.log_ratio is None else per_row(given.log_ratio, "log_ratio", len(x))
    if given.chain is not None:
        same = joined(same, np.unique(per_row(given.chain, "chain", len(x)), return_inverse=True)[1].reshape(-1))
    if len(np.unique(same)) < 3:
        raise InputError("three independent chains or more", f"{len(np.unique(same))}", "give more, or leave chain out")
    ends = (float(values[0]), float(values[1]))
    return CheckedRows(x, signal, same, ratio, tuple(given.names), ends, repeated, disputed)


def numbers(given: Any, name: str) -> np.ndarray:
    """An array of real numbers in double precision.  Errors: InputError for anything else."""
    try:
        a = np.asarray(given)
    except ValueError:
        raise InputError(f"{name} as an array", "rows of unequal lengths", "give each row as many numbers") from None
    if a.dtype.kind not in "biuf":
        raise InputError(f"{name} as real numbers", f"an array of {a.dtype}", "give numbers, labels as 0 and 1")
    return a.astype(float)


def per_row(given: Any, name: str, n: int) -> np.ndarray:
    """A finite number for each row.  Errors: InputError otherwise."""
    a = numbers(given, name).reshape(-1)
    if len(a) != n or not np.isfinite(a).all():
        found = f"{len(a)} for {n} rows" if len(a) != n else "NaN or infinity"
        raise InputError(f"a finite {name} for each row", found, "give one number a row")
    return a


def mixed(same: np.ndarray, signal: np.ndarray) -> int:
    """Rows in groups that hold both labels."""
    share = np.bincount(same, signal) / np.bincount(same)
    return int(np.isin(same, np.flatnonzero((share > 0) & (share < 1))).sum())


def joined(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Numbers of groups such that rows with equal a, or equal b, are in one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    shift = int(a.max()) + 1
    size = shift + int(b.max()) + 1
    links = coo_matrix((np.ones(len(a)), (a, b + shift)), shape=(size, size))
    return connected_components(links, directed=False)[1][a]
