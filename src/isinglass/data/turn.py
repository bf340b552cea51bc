# SPDX-License-Identifier: Apache-2.0
"""Whether numbers are angles, and of which period: a turn is 2π, 360 or 1.

In one turn: the values fill it, and neighbors of sites just below its end lie as often just above its beginning as
just below themselves.  Unwrapped: differences of neighbors gather at whole turns, so that |<exp(2πi f d)>| is larger at
f = 1 / turn than at half of it; for numbers that are no angles it falls with f.
"""

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Shaped

__all__ = ["PERIODS", "Turn", "found_turn"]

PERIODS = (2 * math.pi, 360.0, 1.0)
FILLED = 0.99  # fraction of the circle that angles of many configurations cover
EDGE = 0.05  # of a turn
GATHERED = 0.2  # |<exp(2πi d / turn)>| that unwrapped angles have at least
PAIRS = 60_000


class Turn(NamedTuple):
    """What was found."""

    period: float
    unwrapped: bool = False
    unclear: bool = False  # fills the turn, but neighbors do not show whether its ends are one


def found_turn(x: Shaped[np.ndarray, "n *site"]) -> Turn | None:
    """The turn of the values, or None where they are no angles.  Rows first."""
    low, high = float(x.min()), float(x.max())
    a, b = neighbors(x)
    for period in PERIODS:
        start = 0.0 if low >= -1e-6 * period else -period / 2
        inside = low >= start - 1e-6 * period and high <= start + period * (1 + 1e-6)
        if inside and high - low > FILLED * period:
            joined = ends_joined(((a - start) / period) % 1.0, ((b - start) / period) % 1.0)
            if joined is None:
                even = spread_evenly(((a - start) / period) % 1.0)
                return Turn(period, unclear=period == 1.0) if even else None
            return Turn(period) if joined else None
    for period in PERIODS:
        if high - low > 1.01 * period and (gathered(a - b, period) or gathered(rough(x), period)):
            return Turn(period, unwrapped=True)
    return None


def neighbors(x: np.ndarray) -> tuple[Float[np.ndarray, " m"], Float[np.ndarray, " m"]]:
    """Pairs of neighbors along every axis of the lattice."""
    some = x[:: max(1, x.size // PAIRS)].astype(np.float64)
    pairs = [(some.take(range(n - 1), a), some.take(range(1, n), a)) for a, n in enumerate(some.shape) if a and n > 1]
    if not pairs:
        return some.reshape(-1), some.reshape(-1)
    first, second = (np.concatenate([pair[k].reshape(-1) for pair in pairs]) for k in (0, 1))
    return np.concatenate([first, second]), np.concatenate([second, first])


def rough(x: np.ndarray) -> Float[np.ndarray, " m"]:
    """Differences of neighbors in the quarter of rows where they are largest: there vortices have wound the angles."""
    some = x[:: max(1, x.size // PAIRS)].astype(np.float64)
    d = np.concatenate([np.diff(some, axis=a).reshape(len(some), -1) for a in range(1, some.ndim)], axis=1)
    if not d.size:
        return np.zeros(1)  # a single site has no neighbors
    size = np.square(d).mean(axis=1)
    return d[size >= np.quantile(size, 0.75)].reshape(-1)


def ends_joined(a: Float[np.ndarray, " m"], b: Float[np.ndarray, " m"]) -> bool | None:
    """Whether the ends of [0, 1) are one place; None where neighbors do not tell."""
    upper, lower = a > 1 - EDGE, a < EDGE
    n = int(upper.sum() + lower.sum())
    if n < 30:
        return None
    across = (np.sum(upper & (b < EDGE)) + np.sum(lower & (b > 1 - EDGE))) / n
    beside = upper & (b > 1 - 2 * EDGE) & (b <= 1 - EDGE)
    beside = (beside.sum() + np.sum(lower & (b >= EDGE) & (b < 2 * EDGE))) / n
    base = float(np.mean((b < EDGE) | (b > 1 - EDGE))) / 2
    noise = math.sqrt(max(beside, 1 / n) / n)
    if beside - base < 5 * noise:
        return None
    return bool(across - base > 0.5 * (beside - base))


def spread_evenly(u: Float[np.ndarray, " m"]) -> bool:
    """Whether no twentieth of [0, 1) is nearly empty, as it is at the ends of a bounded field."""
    counts = np.histogram(u, 20, (0, 1))[0]
    return bool(counts.min() > 0.5 * counts.mean())


def gathered(d: Float[np.ndarray, " m"], period: float) -> bool:
    """Whether differences of neighbors gather at whole turns."""
    size = lambda f: float(np.abs(np.exp(2j * np.pi * f / period * d).mean()))  # noqa: E731
    at = size(1.0)
    valley = min(size(f) for f in (0.3, 0.4, 0.5, 0.6, 0.7))
    return at > GATHERED and at > 1.5 * valley
