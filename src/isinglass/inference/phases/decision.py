# SPDX-License-Identifier: Apache-2.0
"""Is there a transition in the range, and is it spontaneous order?"""

from typing import NamedTuple

import numpy as np

from isinglass.data.configurations import Configurations
from isinglass.inference.phases.confusion import ConfusionCurves, peak
from isinglass.inference.phases.evidence import Evidence
from isinglass.inference.phases.order_parameter import Order

__all__ = ["Decision", "asks_networks", "decide", "ends", "response", "seen_by_networks"]


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
    hidden = data.channels or data.kind == "real" or order.critical is None
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
