# SPDX-License-Identifier: Apache-2.0
"""A table of inputs and a target: checked, without rows that are not finite and columns that do not vary."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from isinglass.errors import InputError
from isinglass.memory import require_memory

__all__ = ["CleanTable", "TargetTable", "clean_table"]

FEWEST = 10  # rows
LARGEST = 1e100
STILL = 1e-13  # spread of a column, as a part of its size, that is rounding


@dataclass(frozen=True, eq=False)
class TargetTable:
    """Inputs X [n, p] and the target y [n], a row for each measurement.

    y: numbers, or classes as words, booleans or whole numbers.  error [n]: standard errors of y, where they are known.
    """

    X: Any
    y: Any
    names: Sequence[str] = ()
    error: Any = None


class CleanTable(NamedTuple):
    """What is left of a table, and how much is not."""

    X: np.ndarray  # [n, p], finite, every column varies
    y: np.ndarray
    error: np.ndarray | None
    names: tuple[str, ...]
    lost: int  # rows that are not finite
    constant: tuple[str, ...]  # columns that do not vary


def clean_table(given: TargetTable) -> CleanTable:
    """Errors: InputError for unequal lengths, what is no number, errors of y that are not positive, few rows."""
    X = numbers(given.X, "inputs X [n, p]")
    X = X[:, None] if X.ndim == 1 else X
    y = np.asarray(given.y)
    y = y.reshape(-1) if y.ndim == 2 and 1 in y.shape else y
    if X.ndim != 2 or y.ndim != 1 or len(X) != len(y) or not X.shape[1]:
        found = f"X {list(X.shape)}, y {list(y.shape)}"
        raise InputError("X [n, p] and y [n], a row of each for a measurement", found, "give equally many rows")
    require_memory("inputs", 8 * X.shape[1] ** 2, f"{X.shape[1]} of them", "choose fewer")
    error = None if given.error is None else errors_of(given.error, len(X), y.dtype.kind in "fiu")
    names = tuple(map(str, given.names)) or tuple(f"x_{i}" for i in range(X.shape[1]))
    if len(names) != X.shape[1] or len(set(names)) != len(names):
        raise InputError(f"{X.shape[1]} different names of inputs", ", ".join(names)[:100], "give one for each column")
    good = np.isfinite(X).all(axis=1) & present(y) & (True if error is None else np.isfinite(error))
    if good.sum() < FEWEST:
        lost = f", {int((~good).sum())} more not finite" if not good.all() else ""
        raise InputError(f"{FEWEST} finite rows or more", f"{int(good.sum())}{lost}", "measure more")
    X, y = X[good], y[good]
    for what, a in [("inputs", X), *([("targets", y)] if y.dtype.kind in "fiu" else [])]:
        check_size(what, a)
    varies = np.ptp(X, axis=0) > STILL * np.abs(X).max(axis=0)
    if not varies.any():
        raise InputError("an input that varies", "none", "give inputs that differ from row to row")
    kept = tuple(name for name, of in zip(names, varies, strict=True) if of)
    still = tuple(name for name, of in zip(names, varies, strict=True) if not of)
    return CleanTable(X[:, varies], y, None if error is None else error[good], kept, int((~good).sum()), still)


def check_size(what: str, a: np.ndarray) -> None:
    """Errors: InputError for numbers whose squares a computer cannot hold."""
    spread = np.ptp(a.reshape(len(a), -1).astype(float), axis=0)
    largest, smallest = float(np.abs(a).max()), float(spread.min(initial=1.0, where=spread > 0))
    if largest > LARGEST or smallest < 1 / LARGEST:
        found = f"{largest:.3g}" if largest > LARGEST else f"differences of {smallest:.3g}"
        raise InputError(f"{what} between {1 / LARGEST:g} and {LARGEST:g}", found, "change the units")


def numbers(given: Any, what: str) -> np.ndarray:
    """Real numbers in double precision.  Errors: InputError for anything else."""
    a = np.asarray(given)
    if a.dtype.kind not in "biuf":
        found = f"complex numbers ({a.dtype})" if a.dtype.kind == "c" else f"{a.dtype}"
        raise InputError(f"{what}, real numbers", found, "leave columns of words out, or give them as 0 and 1")
    return a.astype(float)


def errors_of(given: Any, n: int, numeric: bool) -> np.ndarray:  # noqa: FBT001
    """Standard errors of y.  Errors: InputError where they are not one positive number for each row, or y is words."""
    error = numbers(given, "errors of y [n]").reshape(-1)
    if not numeric:
        raise InputError("no errors of a target of classes", f"{error.size}", "leave error out")
    if len(error) != n:
        raise InputError(f"one error of y for each of the {n} rows", f"{len(error)}", "give both the same length")
    if (error[np.isfinite(error)] <= 0).any():
        found = f"{int((error <= 0).sum())} of 0 or below"
        raise InputError("errors of y above 0", found, "leave these rows out, or give their true errors")
    return error


def present(y: np.ndarray) -> np.ndarray:
    """Which targets are there: finite numbers, words that are not empty."""
    if y.dtype.kind in "fc":
        return np.isfinite(y)
    if y.dtype.kind in "OUS":
        return np.array([str(one).strip().lower() not in ("", "nan", "none") for one in y])
    return np.ones(len(y), bool)
