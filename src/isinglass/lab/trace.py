# SPDX-License-Identifier: Apache-2.0
"""A time series of fixed memory, and what it tells of its mean: each s-th value is kept, s doubles when it is full."""

from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float

from isinglass.stats.autocorrelation import autocorrelation, integrated_time, mean_and_error

__all__ = ["Trace", "TraceEstimate", "estimate"]

LEAST = 256  # values for an estimate
ENOUGH = 40  # autocorrelation times that a series must have, 20 independent samples
POINTS = 60  # of the curve ρ(t)


class TraceEstimate(NamedTuple):
    """What the last part of a trace says; times in sweeps."""

    mean: float
    error: float
    tau: float  # integrated autocorrelation time
    tau_error: float
    lags: list[float]
    rho: list[float]
    sweeps: int  # that the estimate is from
    enough: bool  # is the series 40 autocorrelation times long?


class Trace:
    """Values x_0, x_s, x_2s ... of a series that goes on, at most `most` of them."""

    def __init__(self, most: int = 1 << 14):
        """`most`: a power of two."""
        self.values, self.kept, self.stride, self.seen = np.zeros(most), 0, 1, 0

    def extend(self, x: Float[np.ndarray, " n"]) -> None:
        """The next values of the series."""
        first = -self.seen % self.stride
        self.seen += len(x)
        chosen = x[first :: self.stride]
        while self.kept + len(chosen) > len(self.values):
            even = self.values[: self.kept : 2].copy()
            chosen = chosen[self.kept % 2 :: 2]
            self.values[: len(even)], self.kept, self.stride = even, len(even), 2 * self.stride
        self.values[self.kept : self.kept + len(chosen)] = chosen
        self.kept += len(chosen)

    def recent(self) -> Float[np.ndarray, " n"]:
        """The last 2^k values, no more than the second half: the first half counts as equilibration."""
        n = 1 << (max(self.kept // 2, 1).bit_length() - 1)
        return self.values[self.kept - n : self.kept]


@jax.jit
def summary(x):
    """Mean, its error, τ and ρ of one series."""
    time = integrated_time(x)
    return *mean_and_error(x), time.tau, time.error, autocorrelation(x)


def estimate(trace: Trace) -> TraceEstimate | None:
    """Mean and error of the recent part, with its autocorrelation; None while it is short."""
    x = trace.recent()
    if len(x) < LEAST:
        return None
    mean, error, tau, tau_error, rho = (np.asarray(part) for part in summary(x))
    reach = int(min(len(x) // 4, max(POINTS, 6 * float(tau))))
    lags = np.unique(np.linspace(0, reach, POINTS).astype(int))
    s = trace.stride
    return TraceEstimate(
        float(mean), float(error), float(tau) * s, float(tau_error) * s, (lags * s).tolist(), rho[lags].tolist(),
        len(x) * s, bool(len(x) > ENOUGH * tau),
    )  # fmt: skip
