# SPDX-License-Identifier: Apache-2.0
"""Strain of a detector, h(t) at even steps, with what its source says of its quality."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float

from isinglass.errors import InputError

__all__ = ["Strain"]


@dataclass(frozen=True, eq=False)
class Strain:
    """h at times start + i step; dimensionless, GPS seconds."""

    x: Float[np.ndarray, " n"]
    start: float
    step: float
    detector: str = ""
    good: Bool[np.ndarray, " n"] | None = None  # whether data are there and usable; None: nothing is said

    @property
    def time(self) -> Float[np.ndarray, " n"]:
        """GPS seconds of each sample."""
        return self.start + self.step * np.arange(len(self.x))

    @property
    def seconds(self) -> float:
        """The length."""
        return len(self.x) * self.step

    def between(self, begin: float, end: float) -> "Strain":
        """The part from `begin` to before `end`, GPS seconds.  Errors: InputError for a part that is not there."""
        first, last = (round((t - self.start) / self.step) for t in (begin, end))
        if not 0 <= first < last <= len(self.x):
            span = f"{self.start:.6g} to {self.start + self.seconds:.6g} s"
            raise InputError(f"a part of {span}", f"{begin:.6g} to {end:.6g}", "stay within the data")
        good = None if self.good is None else self.good[first:last]
        return replace(self, x=self.x[first:last], start=self.start + first * self.step, good=good)

    def usable(self) -> "Strain":
        """The same.  Errors: InputError where samples are missing, not finite, or marked as bad."""
        bad = ~np.isfinite(self.x)
        if self.good is not None:
            bad |= ~self.good
        if bad.any():
            share = f"{bad.sum() * self.step:.3g} of {self.seconds:.3g} s missing or of bad quality"
            raise InputError("strain of good quality throughout", share, "take a part by .between(begin, end)")
        return self
