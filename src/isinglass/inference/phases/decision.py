# SPDX-License-Identifier: Apache-2.0
"""Is it spontaneous order?  Three properties that a response to a field, a drift or a growing noise does not have.

1. The order parameter has mean zero in the disordered phase.  A field gives it a mean at every temperature.
2. Correlations beyond the mean grow to the size of the lattice: S(k) depends on k beyond the ordering wave.
3. The law of the order parameter changes from normal, <m⁴>/<m²>² = 1 + 2/n, to that of an ordered phase, near 1.
Ref: Binder 1981, doi:10.1007/BF01293604; Salas and Sokal 2000, arXiv:cond-mat/9904038.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.confusion import ConfusionCurves, peak
from isinglass.inference.phases.order_parameter import Order
from isinglass.result import Estimate

__all__ = [
    "Decision",
    "Evidence",
    "asks_networks",
    "bimodality",
    "decide",
    "ends",
    "evidence",
    "mean_share",
    "response",
    "seen_by_networks",
]


class Evidence(NamedTuple):
    """What distinguishes spontaneous order from a response."""

    mean_share: Estimate  # |<m>|²/<m²> where there is no order
    shape: Estimate  # S(Q+k)/S(Q+2k) at the crossing of ξ/L
    moment_ordered: Estimate  # <m⁴>/<m²>² averaged over the points where ξ/L is above twice its critical value
    moment_disordered: Estimate  # ... and over those where ξ/L is below half its critical value
    groups: int  # fewest independent groups of rows at one of the points beside the crossing
    beyond: int  # points beyond the crossing on the poorer side
    bimodality: Estimate  # <δ⁴>/<δ²>² of the nearest-neighbor correlation beside the crossing
    shape_critical: Estimate  # S(Q+k)/S(Q+2k) of the class
    moment_critical: Estimate  # <m⁴>/<m²>² of the class
    moment_normal: Estimate  # 1 + 2/n, of a normal law


class Decision(NamedTuple):
    """What the two ends of the range show."""

    kind: str  # transition, ordered, disordered, unclear, forbidden, field, independent, normal, confusion
    z: tuple[float, float]  # standard errors beyond the critical ξ/L (> 0: ordered) at the lower and the upper end


def decide(order: Order, found: Evidence | None, data: Configurations, sides: float) -> Decision:
    """Are there an ordered and a disordered side, each by `sides` standard errors, and is it spontaneous order?"""
    z = ends(order)
    if forbidden(order, data):
        return Decision("forbidden", z)
    low, high = np.sign(z) * (np.abs(z) > sides)
    if low * high < 0 and found is not None:
        return Decision(response(found) or "transition", z)
    if low > 0 and high > 0:
        return Decision("ordered", z)
    return Decision("disordered" if low < 0 and high < 0 else "unclear", z)


def asks_networks(decision: Decision, order: Order, data: Configurations) -> bool:
    """Whether order may hide from the two-point function: links, real fields, symmetries without a known value."""
    hidden = data.channels or data.kind == "real" or order.critical is None or not order.critical.name
    return decision.kind in ("disordered", "unclear") and hidden and max(decision.z) <= 0


def seen_by_networks(decision: Decision, curves: ConfusionCurves, prominence: float, significance: float) -> Decision:
    """Confusion, where its peak is prominent by that much and by that many standard errors."""
    tops = np.array([peak(curves.cut, y).prominence for y in curves.information])
    shown = tops[0] > max(prominence, significance * tops[1:].std())
    return decision._replace(kind="confusion") if shown else decision


def forbidden(order: Order, data: Configurations) -> bool:
    """A continuous symmetry of three or more components does not break in two dimensions at T > 0, nor any in one.

    Ref: Mermin and Wagner 1966, doi:10.1103/PhysRevLett.17.1133; Polyakov 1975, doi:10.1016/0370-2693(75)90161-6.
    """
    several = order.symmetry == "heisenberg" or order.symmetry.startswith("o")
    return len(data.lattice) == 1 or (len(data.lattice) == 2 and several)


def response(found: Evidence) -> str | None:
    """Why it is no spontaneous order, if it is none: field, independent or normal.

    Each at four standard errors: |<m>|² above a twentieth of <m²> in the disordered phase; S(Q+k)/S(Q+2k) nearer to 1
    than to its critical value; <m⁴>/<m²>² above its critical value even where ξ/L is beyond its own.
    False alarm for a transition: 1e-4 each.
    """
    share, shape, moment = found.mean_share, found.shape, found.moment_ordered
    if found.groups < 2:
        return None
    if share.error and share.value > max(0.05, 4 * share.error):
        return "field"
    if shape.value + 4 * (shape.error or 0.0) < 0.5 * (1 + found.shape_critical.value):
        return "independent"
    if moment.value - 4 * (moment.error or 0.0) > found.moment_critical.value:
        return "normal"
    return None


def ends(order: Order) -> tuple[float, float]:
    """How far the two outermost points at each end are from the critical band of ξ/L, in standard errors; 0: inside."""
    if order.critical is None:
        return 0.0, 0.0
    contrast = lambda ratio: np.log1p((2 * np.pi * ratio) ** 2)  # ln S(Q)/S(Q+k): tame where there is no order  # noqa: E731
    level, band = order.critical.xi
    least, most = contrast(level - band), contrast(level + band)
    z = []
    for end in (slice(0, 2), slice(-2, None)):
        mean = contrast(order.curves.correlation_ratio[:, end]).mean(axis=1)
        distance = mean[0] - np.clip(mean[0], least, most)
        z.append(float(distance / max(mean[1:].std(), 1e-6)))
    return z[0], z[1]


def evidence(order: Order, data: Configurations, at: float) -> Evidence:
    """All of it; `at` is where ξ/L crosses."""
    curves, points, group = order.curves, order.points, data.group
    label = np.searchsorted(points, data.parameter)
    falls = curves.correlation_ratio[0, :2].mean() > curves.correlation_ratio[0, -2:].mean()
    critical = order.critical.xi[0] if order.critical else 0.9
    side = points > at if falls else points < at
    quiet = side & (curves.correlation_ratio[0] < critical / 2)
    if not quiet.any():
        quiet = curves.correlation_ratio[0] <= np.min(curves.correlation_ratio[0])
    near, known = np.argsort(np.abs(points - at))[:4], order.critical
    beyond = ~side if (~side).any() else side
    deep = beyond & (curves.correlation_ratio[0] > 2 * critical)  # nearer, phases of first order are mixed
    loud = deep if deep.any() else beyond
    counts = np.bincount(np.unique(np.stack([label, group]), axis=1)[0], minlength=len(points))
    return Evidence(
        mean_share(order.field, group, label, quiet),
        estimate(curves.shape[:, near[:2]].mean(axis=1)),
        estimate(curves.moment_ratio[:, loud].mean(axis=1)),
        estimate(curves.moment_ratio[:, quiet].mean(axis=1)),
        int(counts[near].min()),
        int(min((points < at).sum(), (points > at).sum())),
        bimodality(order.bonds, label, points, at),
        Estimate(known.shape if known else 2.9),
        Estimate(*known.moment) if known and known.moment else Estimate(1.1),
        Estimate(1 + 2 / order.field.shape[1]),
    )


def estimate(draws: Float[np.ndarray, " draw"]) -> Estimate:
    """The data's value and the deviation of its bootstrap samples."""
    return Estimate(float(draws[0]), float(draws[1:].std()))


def mean_share(
    field: Float[np.ndarray, "n part"],
    group: Int[np.ndarray, " n"],
    label: Int[np.ndarray, " n"],
    used: Bool[np.ndarray, " T"],
) -> Estimate:
    """|<m>|²/<m²>, averaged over the points used; without bias, from products of the means of independent groups.

    Law: 0 by symmetry, 1 far in a field.  Its error is that of a symmetric law, Σ over pairs of groups of (m_g·m_h)².
    NaN and None where no point has two groups.
    """
    shares, variances = [], []
    for point in np.flatnonzero(used):
        rows = label == point
        own, place = np.unique(group[rows], return_inverse=True)
        G = len(own)
        if G < 2:
            continue
        means = np.stack([np.bincount(place, c) for c in field[rows].T], axis=1) / np.bincount(place)[:, None]
        products = means @ means.T
        np.fill_diagonal(products, 0.0)
        square = max(float((field[rows] ** 2).sum(axis=1).mean()), 1e-30)
        shares.append(products.sum() / (G * (G - 1)) / square)
        variances.append(2 * (products**2).sum() / (G * (G - 1)) ** 2 / square**2)
    if not shares:
        return Estimate(float("nan"))
    return Estimate(float(np.mean(shares)), float(np.sum(variances) ** 0.5 / len(shares)))


def bimodality(
    bonds: Float[np.ndarray, " n"], label: Int[np.ndarray, " n"], points: Float[np.ndarray, " T"], at: float
) -> Estimate:
    """Smallest <δ⁴>/<δ²>² of the nearest-neighbor correlation at the points beside the transition.

    Law: 3 for one normal phase, 1 for two phases of equal weight.  Error: that of n independent rows, 24/n for a normal
    law, in quadrature with that of its own eighth moment.  NaN for less than 20 rows.
    """
    found = []
    for point in np.argsort(np.abs(points - at))[:2]:
        x = bonds[label == point]
        if len(x) < 20:
            return Estimate(float("nan"))
        d = (x - x.mean()) / max(x.std(), 1e-30)
        found.append((float((d**4).mean()), float(((d**4).var() / max(len(x), 1)) ** 0.5 + 1 / max(len(x), 1) ** 0.5)))
    return Estimate(*min(found))
