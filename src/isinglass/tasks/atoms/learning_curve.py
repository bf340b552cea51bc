# SPDX-License-Identifier: Apache-2.0
"""How the error of a potential falls with the number of frames: what labelling more of them would bring."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.result import Estimate

if TYPE_CHECKING:
    from isinglass.approximation.regression.packed_frames import PackedFrames

__all__ = ["FrameCurve", "fewer_rows", "learning_curve"]

FEWEST = 8  # frames


@dataclass(frozen=True)
class FrameCurve:
    """Errors on the same held-out frames by trainings with n frames each, fewest first."""

    frames: tuple[int, ...]
    errors: tuple[Estimate, ...]

    def estimates(self) -> dict[str, Estimate]:
        """b of error = a n^-b, with the error of the held-out frames or, where larger, of the misfit of the line.

        All n have the same held-out frames, so that of two or three points the error is rather too large.
        """
        if len(self.frames) < 2:
            return {}
        import jax.numpy as jnp

        from isinglass.stats import power_law_fit

        y, known = jnp.array([e.value for e in self.errors]), all(e.error for e in self.errors)
        fit = power_law_fit(jnp.array(self.frames, float), y, jnp.array([e.error for e in self.errors]) if known else y)
        misfit = float(fit.chi2 / max(len(y) - 2, 1)) ** 0.5
        return {"learning_exponent": Estimate(
            -float(fit.coefficients[1]), float(fit.errors[1]) * max(1.0, misfit) if known else None
        )}  # fmt: skip

    def notes(self, halvings: int) -> list[str]:
        """Where fewer trainings were of use than were asked for."""
        if len(self.frames) == 1 + halvings:
            return []
        done = len(self.frames) - 1
        return [f"halvings: {done} of {halvings}, as a further one has fewer than {FEWEST} frames, or as many"]

    def arrays(self) -> Any:
        """For the figure."""
        import xarray as xr

        if len(self.frames) < 2:
            return xr.Dataset()
        error = [np.nan if e.error is None else e.error for e in self.errors]
        return xr.Dataset(
            {"test_error": ("frames", np.array([e.value for e in self.errors])), "test_error_error": ("frames", error)},
            coords={"frames": np.array(self.frames)}, attrs={"test_error_unit": self.errors[0].unit},
        )  # fmt: skip

    def figures(self) -> list[str]:
        """Of the curve, where there is one."""
        return ["learning_curve"] if len(self.frames) > 1 else []


def learning_curve(
    halvings: int, rows: "PackedFrames", all_frames: Estimate,
    measured: "Callable[[PackedFrames, int], Estimate]",
) -> FrameCurve:  # fmt: skip
    """Trainings with a half, a quarter ... of the rows; `measured` trains and tests."""
    frames, errors = [count(rows)], [all_frames]
    for k in range(1, halvings + 1):
        few = fewer_rows(rows, 2**k)
        if count(few) < FEWEST or count(few) == frames[-1]:
            break
        frames.append(count(few))
        errors.append(measured(few, frames[-1]))
    return FrameCurve(tuple(frames[::-1]), tuple(errors[::-1]))


def fewer_rows(rows: "PackedFrames", part: int) -> "PackedFrames":
    """One row of `part` at random, each there several times: steps and compiled program stay the same."""
    import jax

    n = len(rows.size)
    kept = np.random.default_rng(0).permutation(n)[: max(1, round(n / part))]
    return jax.tree.map(lambda a: a[np.resize(kept, n)], rows)


def count(rows: "PackedFrames") -> int:
    """Frames that differ."""
    number = np.unique(np.asarray(rows.number))
    return int(np.sum(number >= 0))
