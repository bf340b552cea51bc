# SPDX-License-Identifier: Apache-2.0
"""The transition by each method that gives one, its systematic error, and the number that is made of them."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.data.configurations import Configurations
from isinglass.exact.lattice.critical_ratios import spin_wave_torus
from isinglass.inference.phases.confusion import ConfusionCurves, peak
from isinglass.inference.phases.order_parameter import Order, crossing
from isinglass.result import Estimate

__all__ = ["Reading", "apart", "by_networks", "by_order", "combine", "discrete_order", "joined", "rounding"]


class Reading(NamedTuple):
    """Where one quantity takes its critical value: for the data (0) and its bootstrap samples, and systematically."""

    draws: Float[np.ndarray, " draw"]
    systematic: float

    @property
    def estimate(self) -> Estimate:
        """Value without the bias of few rows; half the central 68 % of the bootstrap samples, and the systematic error.

        Bias: what bootstrap samples deviate from the data on average, the data deviate from the truth.
        Ref: Efron and Tibshirani 1993, ch. 10.
        """
        error = spread(self.draws)
        bias = float(np.nanmedian(self.draws[1:]) - self.draws[0]) if np.isfinite(error) else 0.0
        return Estimate(float(self.draws[0]) - bias, float(np.hypot(error, self.systematic)))


def spread(draws: Float[np.ndarray, " draw"]) -> float:
    """Half the central 68 % of the bootstrap samples; infinite where most of them found nothing."""
    finite = draws[1:][np.isfinite(draws[1:])]
    if len(finite) <= max(10, 0.5 * (len(draws) - 1)):
        return float("inf")
    low, high = np.percentile(finite, [15.87, 84.13])
    return float(high - low) / 2


def by_order(order: Order) -> dict[str, Reading]:
    """Where ξ/L and <m⁴>/<m²>² take their universal values."""
    if order.critical is None:
        return {}
    found = {"correlation_length": at_level(order.points, order.curves.correlation_ratio, order.critical.xi)}
    if order.critical.moment is not None:  # (<m⁴> - <m²>²)/<m²>², whose logarithm is nearly straight
        value, band = order.critical.moment
        found["moment_ratio"] = at_level(order.points, order.curves.moment_ratio - 1, (value - 1, band))
    return {name: reading for name, reading in found.items() if np.isfinite(reading.draws[0])}


def discrete_order(order: Order) -> Reading | None:
    """The lower transition of a clock of q >= 5 directions, to order in one of them: η = 4/q² there, 1/4 at the upper.

    Where ξ/L takes the value of spin waves with that η; corrections, logarithmic as at the upper one, are taken as 5 %.
    Ref: Jose, Kadanoff, Kirkpatrick and Nelson 1977, doi:10.1103/PhysRevB.16.1217.
    """
    q = int(order.symmetry[5:]) if order.symmetry.startswith("clock") else 0
    if q < 5 or len(order.wave) != 2 or order.boundary == "open":
        return None
    level = spin_wave_torus(4 / q**2)
    found = at_level(order.points, order.curves.correlation_ratio, (level, 0.05 * level))
    return found if np.isfinite(found.draws[0]) else None


def at_level(
    points: Float[np.ndarray, " T"], curves: Float[np.ndarray, "draw T"], level: tuple[float, float]
) -> Reading:
    """Where the logarithm of a curve passes that of a level; systematically: the level's band, and narrower fits."""
    value, band = level
    logs = np.log(np.maximum(curves, 1e-9))
    first = crossing(points, logs[0], np.log(value), neighbors=4)
    if not np.isfinite(first):
        return Reading(np.full(len(curves), np.nan), np.nan)
    draws = passing(points, logs - np.log(value), first, 6)
    ends = [passing(points, logs[:1] - np.log(max(value + s * band, 0.1 * value)), first, 6)[0] for s in (-1, 1)]
    others = [passing(points, logs - np.log(value), first, count) for count in (4, 2)]
    moved = max(max(0.0, abs(o[0] - draws[0]) - spread(o - draws)) for o in others)  # what noise does not explain
    return Reading(draws, float(np.hypot(abs(ends[1] - ends[0]) / 2, moved)))


def passing(
    points: Float[np.ndarray, " T"], y: Float[np.ndarray, "draw T"], first: float, count: int
) -> Float[np.ndarray, " draw"]:
    """The zero nearest to `first` of the parabola (line, for less than five points) through the nearest points.

    Points where |y| > 2 are left out beyond the nearest four: there the curve is no longer smooth on that scale.
    Two points are those on either side of `first`.
    """
    nearest = np.argsort(np.abs(points - first), kind="stable")
    near = np.sort([i for place, i in enumerate(nearest[:count]) if place < 4 or abs(y[0, i]) < 2])
    if count == 2:
        right = int(np.clip(np.searchsorted(points, first), 1, len(points) - 1))
        near = np.array([right - 1, right])
    scale = np.ptp(points[near]) or 1.0
    x = (points[near] - first) / scale
    line = np.polyfit(x, y[:, near].T, 1)
    zero = -line[1] / np.where(line[0] == 0, np.inf, line[0])
    if len(near) > 4:
        a, b, c = np.polyfit(x, y[:, near].T, 2)
        root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0))
        curved = -2 * c / (b + np.where(b < 0, -root, root))  # the root that stays as a -> 0
        zero = np.where(b**2 > 4 * a * c, curved, zero)
    return first + scale * np.clip(zero, -1, 1)


def joined(readings: dict[str, Reading]) -> Estimate:
    """The mean of the readings of the order parameter, weighted by 1/error²; they share their noise, draw by draw.

    Half of what they differ by beyond noise and systematic errors is added: corrections to scaling that neither knows.
    """
    errors = np.array([r.estimate.error or np.inf for r in readings.values()])
    if len(readings) < 2 or not np.isfinite(errors).all():
        return next(iter(readings.values())).estimate
    weights = errors**-2 / (errors**-2).sum()
    draws = np.stack([r.draws for r in readings.values()])
    systematic = np.array([r.systematic for r in readings.values()])
    difference = apart(readings)
    hidden = 0.0 if difference is None else max(0.0, abs(difference.value) - (difference.error or 0.0)) / 2
    return Reading(weights @ draws, float(np.hypot(np.sqrt(weights**2 @ systematic**2), hidden))).estimate


def apart(readings: dict[str, Reading]) -> Estimate | None:
    """ξ/L's transition minus that of the moments, with the noise of the difference and the systematic errors."""
    if len(readings) < 2:
        return None
    first, second = readings.values()
    difference = first.draws - second.draws
    return Estimate(
        float(difference[0]), float(np.hypot(spread(difference), np.hypot(first.systematic, second.systematic)))
    )


def rounding(value: float, data: Configurations) -> float:
    """How far a maximum in a finite lattice may lie from the transition: |T| 0.36 / L, the specific heat of Ising's.

    Ref: Ferdinand and Fisher 1969, doi:10.1103/PhysRev.185.832.
    """
    return 0.36 * abs(value) / float(np.prod(data.lattice) ** (1 / len(data.lattice)))


def unevenness(points: Float[np.ndarray, " T"], value: float, reach: int = 3) -> float:
    """How far an uneven grid may pull a peak: difference of the distances to the third point on each side."""
    i = int(np.clip(np.searchsorted(points, value), reach, max(reach, len(points) - reach)))
    left, right = points[max(0, i - reach) : i], points[i : i + reach]
    return float(abs((right[-1] - value) / len(right) - (value - left[0]) / len(left))) if len(right) else 0.0


def by_networks(curves: ConfusionCurves, points: Float[np.ndarray, " T"], data: Configurations) -> dict[str, Estimate]:
    """The peak of confusion, if there is one."""
    tops = np.array([peak(curves.cut, y).position for y in curves.information])
    if not np.isfinite(tops[0]):
        return {}
    systematic = float(np.hypot(rounding(tops[0], data), unevenness(points, tops[0])))
    return {"confusion": Reading(tops, systematic).estimate}


def combine(estimates: dict[str, Estimate]) -> Estimate:
    """Mean weighted by 1/error², its error stretched by √(χ²/(n-1)) where the methods disagree."""
    values = np.array([e.value for e in estimates.values()])
    errors = np.array([e.error or np.inf for e in estimates.values()])
    if not np.isfinite(errors).any():
        return Estimate(float(values[0]))
    weights = errors**-2 / (errors**-2).sum()
    mean, error = float(weights @ values), float((errors**-2).sum() ** -0.5)
    chi2 = float((((values - mean) / errors) ** 2).sum()) / max(len(values) - 1, 1)
    return Estimate(mean, error * max(1.0, chi2**0.5))
