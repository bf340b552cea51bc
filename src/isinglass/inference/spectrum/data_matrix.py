# SPDX-License-Identifier: Apache-2.0
"""A matrix of data, a row for each measurement, and its eigenvalues."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.memory import require_memory

__all__ = ["DataMatrix", "Eigensystem", "eigensystem"]

FEWEST = 20  # rows and columns
EMPTY = 1e-12  # of the largest eigenvalue: rounding
SMALLEST = 1e-100
STILL = 1e-13  # spread of a column, as a part of its size, that is rounding


@dataclass(frozen=True, eq=False)
class DataMatrix:
    """Real numbers X [n, p]: n measurements that are independent of one another, of p quantities."""

    X: Any


class Eigensystem(NamedTuple):
    """Of S = X^T X/n, X without the means of its columns if `freedom` = n - 1; largest first."""

    eigenvalue: Float[np.ndarray, " p"]  # with the zeros of p > n
    direction: Float[np.ndarray, "k p"]  # of columns, k = min(n, p) at most
    weight: Float[np.ndarray, "k n"]  # of rows, unit vectors too
    freedom: int
    excess: float  # excess kurtosis of the entries


def eigensystem(given: DataMatrix, *, centered: bool, standardized: bool) -> Eigensystem:
    """Errors: InputError for what is no matrix of finite real numbers or too small, and for missing rank."""
    X = np.asarray(given.X)
    if np.ma.isMaskedArray(given.X):
        X = np.where(np.ma.getmaskarray(given.X), np.nan, X)
    if X.ndim != 2 or X.dtype.kind not in "biuf":  # noqa: PLR2004
        found = f"{list(X.shape)} of {X.dtype}"
        raise InputError("a matrix X [n, p] of real numbers", found, "give a row for each measurement")
    if min(X.shape) < FEWEST:
        raise InputError(f"{FEWEST} rows and {FEWEST} columns or more", f"{list(X.shape)}", "give more")
    n, p = X.shape
    require_memory("eigenvectors", 8 * (2 * n * p + 3 * min(n, p) ** 2), f"{n} rows, {p} columns", "choose fewer")
    X = X.astype(float)
    if not np.isfinite(X).all():
        where = np.argwhere(~np.isfinite(X))[0]
        found = f"{int((~np.isfinite(X)).sum())} that are not, the first in row {where[0] + 1}, column {where[1] + 1}"
        raise InputError("finite numbers", found, "leave out these rows or columns")
    if not SMALLEST < (largest := float(np.abs(X).max())) < 1 / SMALLEST:
        raise InputError(f"numbers of {SMALLEST:g} to {1 / SMALLEST:g}", f"{largest:g}", "give them in another unit")
    still = X.std(axis=0) <= STILL * np.abs(X).max(axis=0)
    if still.any():
        found = f"column {int(np.flatnonzero(still)[0]) + 1} is constant"
        raise InputError("columns that vary", f"{int(still.sum())} that do not: {found}", "leave them out")
    X = X - X.mean(axis=0) if centered else X
    freedom = n - 1 if centered else n
    if standardized:
        X = X / np.sqrt(np.mean(X**2, axis=0) * n / freedom)
    scale = float(np.sqrt(np.mean(X**2)))
    eigenvalue, vectors = np.linalg.eigh((X.T @ X if p <= n else X @ X.T) / (freedom * scale**2))
    order = np.argsort(-eigenvalue)[: min(n, p, freedom)]
    value, vectors = np.clip(eigenvalue[order], 0, None), vectors[:, order].T
    if value[len(value) // 2] < EMPTY * value[0]:
        found = f"only {int((value > EMPTY * value[0]).sum())} of {len(value)} eigenvalues above rounding"
        fix = "leave out rows and columns that are copies or sums of others"
        raise InputError("noise in all directions", found, fix)
    other = vectors @ (X.T if p <= n else X) / (scale * np.sqrt(np.maximum(value, 1e-300) * freedom))[:, None]
    direction, weight = (vectors, other) if p <= n else (other, vectors)
    spread = np.sqrt(np.mean(X**2, axis=0))
    excess = float(np.mean((X / spread) ** 4)) - 3
    return Eigensystem(np.pad(value, (0, p - len(value))) * scale**2, direction, weight, freedom, excess)
