# SPDX-License-Identifier: Apache-2.0
"""How well scores tell signal from background, and how true probabilities are; with errors.

A statistic U of n rows is returned with its influences c_i, the first-order change of U by row i: its standard error is
√Σ_g (Σ_{i in g} c_i)² over independent groups of rows, and that of the difference of two statistics of the same rows
that of the difference of their influences.  For the area under the ROC this is the error of DeLong et al. 1988,
doi:10.2307/2531595; in groups that of Obuchowski 1997, doi:10.2307/2533958.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.stats import rankdata

__all__ = [
    "Reliability",
    "RocCurve",
    "RocStatistic",
    "area_under_roc",
    "calibration_error",
    "detection_probability",
    "error_of",
    "reliability",
    "roc_curve",
]

BINS = 10
CURVE = 100  # points of a curve


class RocStatistic(NamedTuple):
    """A number and how each row moves it."""

    value: float
    influence: Float[np.ndarray, " n"]

    def minus(self, other: "RocStatistic") -> "RocStatistic":
        """The difference on the same rows."""
        return RocStatistic(self.value - other.value, self.influence - other.influence)


def error_of(statistic: RocStatistic, group: Int[np.ndarray, " n"] | None = None) -> float:
    """√Σ_g (Σ_{i in g} c_i)² √(G/(G - 1)).  Law: of a mean of independent rows, s/√n."""
    c = statistic.influence
    sums = c if group is None else np.bincount(group, c)[np.bincount(group) > 0]
    return float(np.sqrt(np.sum(sums**2) * len(sums) / max(1, len(sums) - 1)))


def area_under_roc(score: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"]) -> RocStatistic:
    """P(s > b) + ½ P(s = b) for a signal row s and a background row b.  Law: the same for any rising f(score)."""
    together = rankdata(score)
    n_signal, n_background = int(signal.sum()), int((~signal).sum())
    above = np.empty(
        len(score)
    )  # of a signal row the share of background below it, of the others that of signals above
    above[signal] = (together[signal] - rankdata(score[signal])) / n_background
    above[~signal] = 1 - (together[~signal] - rankdata(score[~signal])) / n_signal
    value = float(above[signal].mean())
    return RocStatistic(value, (above - value) / np.where(signal, n_signal, n_background))


def detection_probability(
    score: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"], false_alarm: float
) -> tuple[RocStatistic, float]:
    """P_d = P(s > t) at the threshold t with P(b > t) = P_fa, and t; ties count by half.

    The error is binomial in both classes: that of the threshold by the slope dP_d/dP_fa between P_fa/2 and 2 P_fa.
    Law: the mean of P(b > t) is P_fa, for n P_fa >= 1.
    """
    s, b = score[signal], score[~signal]
    at = lambda share: float(np.quantile(b, 1 - min(share, 1.0), method="weibull"))  # noqa: E731
    above = lambda x, t: (x > t) + 0.5 * (x == t)  # noqa: E731
    t = at(false_alarm)
    value = float(above(s, t).mean())
    low, high = max(false_alarm / 2, 1 / (len(b) + 1)), min(2 * false_alarm, 1 - 1 / (len(b) + 1))
    slope = float(above(s, at(high)).mean() - above(s, at(low)).mean()) / (high - low) if high > low else 0.0
    hit = above(score, t)
    influence = np.where(signal, (hit - value) / len(s), -slope * (hit - false_alarm) / len(b))
    return RocStatistic(value, influence), t


class RocCurve(NamedTuple):
    """Points of a ROC, from high thresholds to low ones."""

    false_alarm: Float[np.ndarray, " k"]
    power: Float[np.ndarray, " k"]
    error: Float[np.ndarray, " k"]


def roc_curve(
    score: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"], group: Int[np.ndarray, " n"] | None = None
) -> RocCurve:
    """P_d at 100 values of P_fa, even in its logarithm, from that of one row of background."""
    false_alarm = np.geomspace(1 / (1 + int((~signal).sum())), 1 - 1e-9, CURVE)
    found = [detection_probability(score, signal, float(share))[0] for share in false_alarm]
    return RocCurve(false_alarm, np.array([s.value for s in found]), np.array([error_of(s, group) for s in found]))


class Reliability(NamedTuple):
    """Bins of equal width of a probability, those that are not empty."""

    probability: Float[np.ndarray, " bins"]  # its mean in the bin
    share: Float[np.ndarray, " bins"]  # of signals
    error: Float[np.ndarray, " bins"]  # of the share, were the probabilities right: √Σ p (1 - p) / n
    count: Float[np.ndarray, " bins"]


def reliability(p: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"], bins: int = BINS) -> Reliability:
    """The share of signals against the claimed probability."""
    where = np.minimum((p * bins).astype(int), bins - 1)
    count, claimed, found, variance = (np.bincount(where, w, bins) for w in (np.ones(len(p)), p, signal, p * (1 - p)))
    kept = count > 0
    n = count[kept]
    return Reliability(claimed[kept] / n, found[kept] / n, np.sqrt(variance[kept]) / n, n)


def calibration_error(p: Float[np.ndarray, " n"], signal: Bool[np.ndarray, " n"]) -> tuple[float, float]:
    """Σ_bins (n_b/n) |share - mean p|, and what chance alone makes of it, √(2/π) Σ (n_b/n) σ_b.

    Expected calibration error: Guo et al. 2017, arXiv:1706.04599.
    """
    r = reliability(p, signal)
    weight = r.count / r.count.sum()
    return float(weight @ np.abs(r.share - r.probability)), float(weight @ r.error * np.sqrt(2 / np.pi))
