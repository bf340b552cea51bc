# SPDX-License-Identifier: Apache-2.0
"""How alike the values at two places of an array are, and what that says about its axes.

c = 1 - <(x_i - x_j)²> / (2 Var x): 1 for equal values, 0 for independent ones.  Law: the same along all axes of an
isotropic lattice, whatever the values mean; other axes (samples, points of a scan) have a value of their own.
"""

import numpy as np

__all__ = ["alike", "folded", "neighbor_likeness"]

ROWS = 2000  # of an array are looked at
CLOSE, FAR = 0.03, 0.08  # difference of c up to which axes are alike, and from which they are not
TINY = 1e-290  # variance below which a double has no digits left
SEEN = 0.1  # c below which there is no evidence


def neighbor_likeness(x: np.ndarray, a: int, lag: int = 1) -> float:
    """c between places `lag` apart along axis a; NaN where there are none or all values are equal."""
    if x.shape[a] <= lag:
        return float("nan")
    low, high = (x.take(range(*span), axis=a) for span in ((0, x.shape[a] - lag), (lag, x.shape[a])))
    kind = complex if x.dtype.kind == "c" else float
    low, high = (y.astype(kind) for y in (low, high))
    variance = float(np.var(x, dtype=None if kind is complex else float))
    return float(1 - (np.abs(low - high) ** 2).mean() / (2 * variance)) if variance > TINY else float("nan")


def alike(x: np.ndarray, axes: list[int]) -> bool | None:
    """Whether neighbors along these axes are equally alike; None where that cannot be told."""
    some = x[:: max(1, x.size // 4_000_000)]
    c = [neighbor_likeness(some, a) for a in axes]
    if not np.isfinite(c).all() or max(c, key=abs) == 0 or max(np.abs(c)) < SEEN:
        return None
    spread = (max(c) - min(c)) / max(1.0, *np.abs(c))
    return True if spread < CLOSE else False if spread > FAR else None


def folded(x: np.ndarray, n: int) -> tuple[int, ...] | None:
    """The sides that n sites in a row [rows, n] are seen to have: (n,) for a chain; None where nothing is seen.

    On a lattice of rows of L, sites L apart are neighbors: c(L) is above c at lags about L / 2.  In a chain c falls.
    """
    some = x[:: max(1, len(x) // ROWS)]
    sides = [L for L in range(3, n // 2 + 1) if n % L == 0]
    c = {lag: neighbor_likeness(some, 1, lag) for lag in sorted({1, *sides, *(max(1, L // 2) for L in sides)})}
    if n < 3 or not np.isfinite(c[1]) or abs(c[1]) < SEEN:
        return None
    steps = [L for L in sides if c[L] > c[max(1, L // 2)] + CLOSE and c[L] > 0.5 * c[1]]
    if steps:
        return (n // steps[0], steps[0])
    tops = [c[L] - c[max(1, L // 2)] for L in sides]
    return (n,) if not tops or max(tops) < CLOSE else None
