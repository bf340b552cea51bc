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
from isinglass.inference.phases.order_parameter import Order
from isinglass.result import Estimate

__all__ = ["Evidence", "bimodality", "evidence", "mean_share"]


class Evidence(NamedTuple):
    """What distinguishes spontaneous order from a response."""

    mean_share: Estimate  # |<m>|²/<m²> where there is no order
    shape: Estimate  # S(Q+k)/S(Q+2k) at the crossing of ξ/L
    moment_ordered: Estimate  # <m⁴>/<m²>² averaged over the points beyond the crossing of ξ/L
    moment_disordered: Estimate  # ... and over those where ξ/L is below half its critical value
    groups: int  # fewest independent groups of rows at one of the points beside the crossing
    beyond: int  # points beyond the crossing on the poorer side
    bimodality: Estimate  # <δ⁴>/<δ²>² of the nearest-neighbor correlation beside the crossing
    shape_critical: Estimate  # S(Q+k)/S(Q+2k) of the class
    moment_critical: Estimate  # <m⁴>/<m²>² of the class
    moment_normal: Estimate  # 1 + 2/n, of a normal law


def evidence(order: Order, data: Configurations, at: float) -> Evidence:
    """All of it; `at` is where ξ/L crosses."""
    curves, points, group = order.curves, order.points, data.group
    label = np.searchsorted(points, data.parameter)
    falls = curves.correlation_ratio[0, :2].mean() > curves.correlation_ratio[0, -2:].mean()
    level = 0.5 * (order.critical.xi[0] if order.critical else 0.9)
    side = points > at if falls else points < at
    quiet = side & (curves.correlation_ratio[0] < level)
    if not quiet.any():
        quiet = curves.correlation_ratio[0] <= np.min(curves.correlation_ratio[0])
    near, known = np.argsort(np.abs(points - at))[:4], order.critical
    loud = ~side if (~side).any() else side
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
    law, in quadrature with that of its own eighth moment.
    """
    found = []
    for point in np.argsort(np.abs(points - at))[:2]:
        x = bonds[label == point]
        d = (x - x.mean()) / max(x.std(), 1e-30)
        found.append((float((d**4).mean()), float(((d**4).var() / max(len(x), 1)) ** 0.5 + 1 / max(len(x), 1) ** 0.5)))
    return Estimate(*min(found))
