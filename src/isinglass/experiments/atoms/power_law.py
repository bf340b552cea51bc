# SPDX-License-Identifier: Apache-2.0
"""Learning curves, error = a N^-b of N configurations: exponents, and how many times fewer another curve needs.

Straight lines through logarithms, by least squares; each point is a mean of trainings, whose standard error is that of
their scatter, pooled over N, or of the misfit of the line where that is larger.  No line is continued beyond its N,
nor used where more configurations no longer lower the error: there training limits it, not data.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.result import Estimate

__all__ = ["DataRatio", "ForceCurve", "data_ratio"]


FLAT = 1e-3  # exponents below are none


class DataRatio(NamedTuple):
    """N of one curve by N of another, where both have the same error."""

    ratio: Estimate
    error: float  # of both
    bound: bool  # the other's smallest N is more than enough: the ratio is at least this


@dataclass(frozen=True)
class ForceCurve:
    """Errors on held-out configurations of several trainings for each N."""

    size: Float[np.ndarray, " sizes"]
    error: Float[np.ndarray, "sizes trainings"]

    @property
    def log_mean(self) -> Float[np.ndarray, " sizes"]:
        """Mean of ln error."""
        return np.log(self.error).mean(axis=1)

    @property
    def log_spread(self) -> float:
        """Standard error of each of them; NaN of one training."""
        if self.error.shape[1] < 2:
            return float("nan")
        return float(np.sqrt(np.log(self.error).var(axis=1, ddof=1).mean() / self.error.shape[1]))

    @property
    def falling(self) -> "ForceCurve":
        """The part that more configurations lower: to the last N whose error is below that of the one before.

        By two standard errors of the difference; at least two N are kept.
        """
        fallen = -np.diff(self.log_mean) > 2 * 2**0.5 * self.log_spread
        last = int(np.flatnonzero(fallen)[-1]) + 2 if fallen.any() else 2
        if not np.isfinite(self.log_spread):
            return self
        return ForceCurve(self.size[:last], self.error[:last])

    @property
    def line(self) -> tuple[float, float, float]:
        """Mean of ln N, mean of ln error, b."""
        x, y = np.log(self.size), self.log_mean
        off = x - x.mean()
        return float(x.mean()), float(y.mean()), -float(off @ y / (off @ off))

    @property
    def point_error(self) -> float:
        """Standard error of a point about the line."""
        x, y, b = self.line
        if len(self.size) < 3:
            return self.log_spread
        misfit = np.sum((self.log_mean - y + b * (np.log(self.size) - x)) ** 2) / (len(self.size) - 2)
        return float(np.fmax(self.log_spread, misfit**0.5))

    def line_error(self, x: float) -> float:
        """Standard error of the line at ln N = x: σ √(1/n + (x - x̄)²/Σ (x_i - x̄)²)."""
        off = np.log(self.size) - self.line[0]
        return self.point_error * float(np.sqrt(1 / len(off) + (x - self.line[0]) ** 2 / (off @ off)))

    @property
    def exponent(self) -> Estimate:
        """b, and its error."""
        error = self.point_error / float(np.std(np.log(self.size)) * len(self.size) ** 0.5)
        return Estimate(self.line[2], error if np.isfinite(error) else None)

    def at(self, x: float) -> float:
        """ln error of the line at ln N = x."""
        return self.line[1] - self.line[2] * (x - self.line[0])

    def size_for(self, log_error: float) -> tuple[float, float]:
        """ln N where the line has this error, and its standard error: infinite where it does not fall."""
        x, y, b = self.line
        if b <= FLAT:
            return float(np.log(self.size[-1])), float("inf")
        there = float(np.clip(x + (y - log_error) / b, *np.log(self.size[[0, -1]])))
        return there, self.line_error(there) / b


def data_ratio(few: ForceCurve, many: ForceCurve) -> DataRatio:
    """N of `many` by N of `few` at the lowest error that both lines reach; errors of logarithms add in squares.

    Of the falling parts: at the floor of a training any number of configurations would be needed.
    """
    few, many = few.falling, many.falling
    ends = [curve.at(float(np.log(curve.size[-1]))) for curve in (few, many)]
    level = max(ends)
    (x_few, error_few), (x_many, error_many) = few.size_for(level), many.size_for(level)
    bound = few.at(float(np.log(few.size[0]))) <= level
    ratio, error = float(np.exp(x_many - x_few)), float(np.hypot(error_few, error_many))
    return DataRatio(Estimate(ratio, ratio * error if np.isfinite(error) else None), float(np.exp(level)), bound)
