# SPDX-License-Identifier: Apache-2.0
"""Where the flow of couplings turns, and its exponents there: two lattices that have one size after blocking.

At the transition the block spins of a lattice of side L, n + 1 times blocked, have the law of those of side L/b, n
times blocked, up to terms that die out as b^(-ω n).  On the ordered side the larger lattice is the more ordered one of
the two, on the other side it is the less ordered one.  Both have one number of block spins: no size effect enters.
Refs: Swendsen 1979, doi:10.1103/PhysRevLett.42.859; Swendsen 1984, doi:10.1103/PhysRevLett.52.1165.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.data.configurations import Configurations, kept
from isinglass.errors import InputError
from isinglass.inference.renormalization.block_spins import SMALLEST, blocked, even_products, odd_products
from isinglass.inference.renormalization.stability import leading_exponent, moments

__all__ = ["BlockFlow", "MatchedDraws", "flow_of", "matched", "pair_of"]

CurveDraws = Float[np.ndarray, "draw T"]  # the first draw is of all groups as they are, the others resample them


class BlockedLattice(NamedTuple):
    """What one size shows at each level n of blocking (step n goes from level n to n + 1), against the parameter."""

    T: Float[np.ndarray, " T"]
    neighbor: list[CurveDraws]  # <s s'> of nearest neighbors
    square: CurveDraws  # <M²>, M = Σ s
    groups: int  # at the value of the parameter that has the fewest
    thermal: list[CurveDraws]  # y_T of each step
    magnetic: list[CurveDraws]  # y_h

    def within(self, T: Float[np.ndarray, " T"]) -> "BlockedLattice":
        """The same at other values, by straight lines between its own."""
        at = lambda y: np.array([np.interp(T, self.T, row) for row in y])  # noqa: E731
        every = lambda ys: [at(y) for y in ys]  # noqa: E731
        return BlockedLattice(
            T, every(self.neighbor), at(self.square), self.groups, every(self.thermal), every(self.magnetic)
        )


class BlockFlow(NamedTuple):
    """The comparison of two sizes: <s s'> of side L, n + 1 times blocked, minus that of side L/b, n times blocked."""

    T: Float[np.ndarray, " T"]
    change: list[CurveDraws]  # for each n
    large: BlockedLattice
    small: BlockedLattice


class MatchedDraws(NamedTuple):
    """CurveDraws of what is read off at the turning point; the first is the value, the others tell its error."""

    critical: list[Float[np.ndarray, " draw"]]  # for each level
    thermal: list[Float[np.ndarray, " draw"]]  # y_T at the last of these, for each step
    magnetic: list[Float[np.ndarray, " draw"]]
    slope: Float[np.ndarray, " draw"]  # y_T by the slopes of both curves: dK'/dK = b^y_T
    scaled: Float[np.ndarray, " draw"]  # y_h by <M²> ~ L^(2 y_h) of the two sizes


def pair_of(by_size: Mapping[int, Configurations], scale: int) -> tuple[int, int]:
    """The largest (L, L/b) among the sizes.  Errors: InputError where there is none, or where variables are not ±1."""
    for L in sorted(by_size, reverse=True):
        if L % scale == 0 and L // scale in by_size and L // scale >= SMALLEST * scale:
            pair = (L, L // scale)
            for side in pair:
                c = by_size[side]
                if c.kind != "ising" or c.channels or set(c.lattice) != {side}:
                    fix = "say the sizes as they are, or take the method blind"
                    raise InputError(f"spins ±1, {side} along every axis", f"{c.kind}, {list(c.shape)}", fix)
            if len({len(by_size[side].lattice) for side in pair}) > 1:
                raise InputError("two sizes in one dimension", "two", "sample another size")
            return pair
    sizes = ", ".join(str(L) for L in sorted(by_size)) or "none"
    raise InputError(f"two lattice sizes L and L/{scale}, the smaller one {SMALLEST * scale} or more", f"L = {sizes}",
                     "sample another size")  # fmt: skip


def flow_of(
    rng: np.random.Generator, large: Configurations, small: Configurations, scale: int, draws: int
) -> BlockFlow:
    """The change of <s s'> at each level.  Errors: InputError for fewer than 4 common values of the parameter."""
    a, b = (measured(rng, c, scale, draws) for c in (large, small))
    T = a.T[(a.T >= b.T[0]) & (a.T <= b.T[-1])]
    if len(T) < 4:
        expected = f"4 values of the {large.parameter_name} or more within the range of both sizes"
        raise InputError(expected, f"{len(T)}", "sample both sizes over one range")
    a, b = a.within(T), b.within(T)
    return BlockFlow(T, [y - z for y, z in zip(a.neighbor[1:], b.neighbor, strict=True)], a, b)


def matched(flow: BlockFlow, scale: int) -> MatchedDraws | None:
    """T_c level by level and the exponents at that of the last level; None where the last flow does not turn."""
    if not turns(flow.change[-1]):
        return None
    found = [fixed_point(flow.T, flow.large.neighbor[n + 1], flow.small.neighbor[n]) for n in range(len(flow.change))]
    if found[-1] is None:
        return None
    kept_levels = [one for one in found if one is not None]
    critical, slope = kept_levels[-1]
    here = lambda y: np.array([np.interp(t, flow.T, row) for t, row in zip(critical, y, strict=True)])  # noqa: E731
    with np.errstate(all="ignore"):
        by_slope = np.log(slope) / np.log(scale)
    ratio = np.log(here(flow.large.square) / here(flow.small.square))
    return MatchedDraws([c for c, _ in kept_levels], [here(y) for y in flow.large.thermal],
                   [here(y) for y in flow.large.magnetic], by_slope, ratio / (2 * np.log(scale)))  # fmt: skip


def turns(change: CurveDraws) -> bool:
    """Whether the change has both signs, each by more than 4 errors; not where there is one group and no error."""
    value, error = change[0], change[1:].std(axis=0)
    error = np.where(error > 1e-12, error, np.inf)
    top, bottom = int(np.argmax(value)), int(np.argmin(value))
    return bool(value[top] > 4 * error[top] and value[bottom] < -4 * error[bottom])


def fixed_point(
    T: Float[np.ndarray, " T"], large: CurveDraws, small: CurveDraws
) -> tuple[np.ndarray, np.ndarray] | None:
    """T* = T'(T*) and dT'/dT there, draw by draw; T' is where the small lattice has the <s s'> of the large one at T.

    T' - T is fitted by a parabola (a line for 4 points) where T' lies in the range; None for fewer than 3 points.
    """
    sign = np.sign(small[0, -1] - small[0, 0])
    rising = np.maximum.accumulate(sign * small, axis=1) + 1e-12 * np.arange(len(T))
    image = np.array([np.interp(sign * y, x, T, left=np.nan, right=np.nan) for x, y in zip(rising, large, strict=True)])
    seen = np.isfinite(image).mean(axis=0) > 0.95  # noqa: PLR2004
    seen &= np.isfinite(image[0])
    if seen.sum() < 3:  # noqa: PLR2004
        return None
    t, moved = (
        T[seen],
        np.where(np.isfinite(image), image, np.where(sign * large < rising[:, :1], T[0], T[-1]))[:, seen],
    )
    error = np.maximum(moved[1:].std(axis=0), 1e-12)
    middle, degree = t.mean(), 2 if len(t) > 4 else 1  # noqa: PLR2004
    p = np.polyfit(t - middle, (moved - t).T, degree, w=1 / error)
    where, slope = [], []
    for one in p.T:
        roots = np.roots(one)
        root = roots[np.argmin(np.abs(roots))].real if len(roots) else np.nan
        where.append(middle + root)
        slope.append(1 + np.polyval(np.polyder(one), root))
    return np.array(where), np.array(slope)


def measured(rng: np.random.Generator, c: Configurations, scale: int, draws: int) -> BlockedLattice:
    """Means and exponents of one size, with draws over its groups."""
    d = len(c.lattice)
    neighbor, square, groups, thermal, magnetic = [], [], [], [], []
    for T in c.points:
        here = kept(c, c.parameter == T)
        levels = blocked(rng, here.x, scale)
        even, odd = ([products(x) for x in levels] for products in (even_products, odd_products))
        group = np.unique(here.group, return_inverse=True)[1]
        weights = resampled(rng, int(group.max()) + 1, draws)
        rows = weights @ np.bincount(group)
        mean = lambda y, w=weights, g=group, n=rows: w @ np.bincount(g, y) / n  # noqa: E731
        steps = lambda of, w=weights, g=group: [leading_exponent(moments(after, before, g), w, scale)  # noqa: E731
                                                for before, after in pairwise(of)]  # fmt: skip
        neighbor.append([mean(e[:, 0] / (d * x[0].size)) for e, x in zip(even, levels, strict=True)])
        square.append(mean(odd[0][:, 0] ** 2))
        groups.append(weights.shape[1])
        thermal.append(steps(even))
        magnetic.append(steps(odd))
    by_level = lambda values: [np.stack(level, axis=1) for level in zip(*values, strict=True)]  # noqa: E731
    return BlockedLattice(c.points, by_level(neighbor), np.stack(square, axis=1), min(groups), by_level(thermal),
                   by_level(magnetic))  # fmt: skip


def resampled(rng: np.random.Generator, groups: int, draws: int) -> Float[np.ndarray, "draw groups"]:
    """Weights of the groups: 1, then how often each is drawn, spread by √(G/(G - 1)): few groups spread too little."""
    counts = rng.multinomial(groups, np.full(groups, 1 / groups), size=draws)
    return np.concatenate([np.ones((1, groups)), 1 + (counts - 1) * (groups / max(groups - 1, 1)) ** 0.5])
