# SPDX-License-Identifier: Apache-2.0
"""Open or periodic boundaries, or a part of a larger lattice, seen in the configurations.

On a periodic lattice <s_i·s_j> of the first and the last site of a row is that of any two neighbors, by translation
invariance: r = <b - w> / <b - f> = 0, with b between neighbors inside, w across the seam and f at half the side.  With
open boundaries w is that of sites far apart, and r is about 1.  A free surface has also less order: the bonds within
the first and the last line are weaker than those within the middle ones, b' < b; in a window of a larger lattice they
are not.
False alarm: r of a periodic lattice must be found 4 errors above 0.3, and b - b' of a window 4 errors above 0.
Resolution: nothing is seen where neighbors are no more alike than sites far apart, as in independent spins and gauge
theories.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int, Shaped

__all__ = ["seen_boundary"]

LOW, HIGH, SIGMAS = 0.3, 0.5, 4.0
LARGEST = 20_000_000  # numbers that are looked at


def seen_boundary(
    x: Shaped[np.ndarray, "n *side c"], group: Int[np.ndarray, " n"], *, states: bool = False
) -> tuple[str, tuple[int, ...]]:
    """Periodic, open, part (of a larger lattice: no surface is seen) or unknown, and the axes along which it is open.

    `x` holds the components of each spin last, or labels of states; rows of one group are correlated.
    """
    every = max(1, x.size // LARGEST)
    x, group = x[::every], np.unique(group[::every], return_inverse=True)[1]
    ratios = [seam_ratio(x, a, group, equal if states else product) for a in range(1, x.ndim - 1)]
    opened = tuple(a - 1 for a, (r, error) in enumerate(ratios, 1) if r > HIGH and r - SIGMAS * error > LOW)
    if opened:
        weaker = [surface(x, a + 1, group, equal if states else product) for a in opened]
        return ("open" if all(s - SIGMAS * error > 0 for s, error in weaker) else "part"), opened
    closed = all(r < LOW and r + SIGMAS * error < HIGH for r, error in ratios)
    return ("periodic" if closed else "unknown"), ()


def seam_ratio(x: np.ndarray, a: int, group: np.ndarray, likeness: Callable) -> tuple[float, float]:
    """r along an axis, and its error by leaving out one group at a time.

    The far sites are an odd number of steps apart, as neighbors are, for the sake of sublattices.  A row may be shifted
    by one site at the seam (helical boundaries): the shift of the largest w is taken.
    """
    side = x.shape[a]
    if side < 4:
        return 0.0, np.inf
    far = min(side // 2 | 1, side - 1)
    inside, half = (likeness(x.take(range(side - lag), a), x.take(range(lag, side), a)) for lag in (1, far))
    first, last = x.take([0], a), x.take([side - 1], a)
    other = next((b for b in range(1, x.ndim - 1) if b != a), None)
    sign = 1 if inside.mean() > 0 else -1
    shifted = [first] if other is None else [np.roll(first, shift, axis=other) for shift in (0, 1, -1)]
    seam = max((likeness(last, one) for one in shifted), key=lambda w: sign * float(w.mean()))
    return ratio(inside - seam, inside - half, group)


def surface(x: np.ndarray, a: int, group: np.ndarray, likeness: Callable) -> tuple[float, float]:
    """(b - b')/(b - f) along an axis, b' within its first and last lines and b within the middle ones; and its error.

    Infinite error in one dimension, where no line has bonds.
    """
    side, others = x.shape[a], [b for b in range(1, x.ndim - 1) if b != a and x.shape[b] > 1]
    if not others:
        return 0.0, np.inf
    far = min(side // 2 | 1, side - 1)
    half = likeness(x.take(range(side - far), a), x.take(range(far, side), a))

    def within(lines: list[int]) -> np.ndarray:
        y = x.take(lines, a)
        along = [likeness(y.take(range(n - 1), b), y.take(range(1, n), b)) for b in others for n in (y.shape[b],)]
        return np.mean(along, axis=0)

    middle, edge = within([(side - 1) // 2, side // 2]), within([0, side - 1])
    return ratio(middle - edge, middle - half, group)


def ratio(top: Float[np.ndarray, " n"], bottom: Float[np.ndarray, " n"], group: np.ndarray) -> tuple[float, float]:
    """Σ top / Σ bottom over all configurations, and its error by leaving out one group at a time."""
    n = int(group.max()) + 1
    D, F = (np.bincount(group, y, n) for y in (top, bottom))
    with np.errstate(divide="ignore", invalid="ignore"):
        r, left = D.sum() / F.sum(), (D.sum() - D) / (F.sum() - F)
    if n < 2 or not np.isfinite([r, *left]).all():
        return 0.0, np.inf
    return float(r), float(np.sqrt((n - 1) / n * ((left - r) ** 2).sum()))


def product(a: np.ndarray, b: np.ndarray) -> Float[np.ndarray, " n"]:
    """s_i·s_j, averaged over each configuration."""
    pairs = np.einsum("ni,ni->n", a.reshape(len(a), -1), b.reshape(len(b), -1), dtype=np.float64)
    return pairs / (a[0].size / a.shape[-1])


def equal(a: np.ndarray, b: np.ndarray) -> Float[np.ndarray, " n"]:
    """The share of equal states in each configuration."""
    return (a == b).mean(axis=tuple(range(1, a.ndim)))
