# SPDX-License-Identifier: Apache-2.0
"""Learning curves, error ≈ a N^-b of N configurations: exponents, and how many times fewer another curve needs.

Logarithms of errors of several trainings scatter with one σ, pooled over all N; curves are straight between
neighboring N, and are never continued beyond them.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from isinglass.result import Estimate

__all__ = ["DataRatio", "ForceCurve", "data_ratio"]


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
    def exponent(self) -> Estimate:
        """b by least squares in logarithms; its error from the scatter, or from the misfit where that is larger."""
        x = np.log(self.size) - np.log(self.size).mean()
        b = -float(x @ self.log_mean / (x @ x))
        if len(x) < 3:
            spread = self.log_spread
        else:
            misfit = np.sum((self.log_mean - self.log_mean.mean() + b * x) ** 2) / (len(x) - 2)
            spread = float(np.nanmax([self.log_spread, misfit**0.5]))
        return Estimate(b, spread / float(x @ x) ** 0.5 if np.isfinite(spread) else None)

    def size_for(self, log_error: float) -> tuple[float, float]:
        """ln N where the curve falls to this error, and its slope b there.  Law: within the sizes, or their ends."""
        y, x = np.minimum.accumulate(self.log_mean), np.log(self.size)
        k = int(np.clip(np.searchsorted(-y, -log_error), 1, len(x) - 1))
        slope = (y[k - 1] - y[k]) / (x[k] - x[k - 1])
        return float(np.interp(-log_error, -y, x)), float(slope)


def data_ratio(few: ForceCurve, many: ForceCurve) -> DataRatio:
    """N of `many` by N of `few` at the lowest error that both reach; σ² = (σ_1/b_1)² + (σ_2/b_2)² of its logarithm."""
    level = float(max(few.log_mean.min(), many.log_mean.min()))
    (x_few, b_few), (x_many, b_many) = few.size_for(level), many.size_for(level)
    bound = bool(few.log_mean[0] <= level)
    parts = [many.log_spread / max(b_many, 1e-3), 0.0 if bound else few.log_spread / max(b_few, 1e-3)]
    ratio, error = float(np.exp(x_many - x_few)), float(np.hypot(*parts))
    return DataRatio(Estimate(ratio, ratio * error if np.isfinite(error) else None), float(np.exp(level)), bound)
