# SPDX-License-Identifier: Apache-2.0
"""Infer whether a plane separates two classes of points, and whether that is a surprise."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import checks
from isinglass.exact.regression.linear_regression import separable_probability
from isinglass.inference import linear
from isinglass.result import Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.separable.separable_file import SeparableFile
from isinglass.tasks.task import AbstractTask, Verb

if TYPE_CHECKING:
    from isinglass.inference.linear.plane import LabelledPoints

__all__ = ["InferSeparable"]


@dataclass(frozen=True)
class InferSeparable(AbstractTask):
    """Does a plane separate two classes of points, and would it separate random labels as well.

        infer(0, LabelledPoints(X, y))

    Verdict: of the plane, or of the proof that there is none; `unknown` where permuted labels are separable too.
    Ref: Cover 1965, doi:10.1109/PGEC.1965.264137.
    Law: a linear map of the points that can be inverted changes nothing.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.linear.plane:LabelledPoints",)
    guide: ClassVar[str] = "docs/generalization.md"
    what: ClassVar[str] = "points of two classes (isinglass.inference.linear.LabelledPoints)"
    command: ClassVar[str] = "separable"
    source: ClassVar[type] = SeparableFile

    intercept: bool = True
    """Planes anywhere; otherwise through the origin."""
    permutations: int = 100
    """Random orders of the labels, each tried as the labels themselves."""

    def run(
        self, key: Any, problem: "LabelledPoints", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """A linear program for the labels and for each permutation.  It takes seconds: `checkpoint` is not used."""
        import jax
        import xarray as xr

        begun = time.perf_counter()
        X, y, kinds = linear.clean_points(problem)
        X = linear.with_intercept(X) if self.intercept else X
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        found = linear.separating_plane(X, y)
        permuted = []
        for k in range(self.permutations):
            progress(k, self.permutations, "permutations")
            permuted.append(linear.separating_plane(X, rng.permutation(y)).separable)
        rank = int(np.linalg.matrix_rank(X))
        law, share = checks.separability, float(np.mean(permuted))
        repeated = len(X) - len(np.unique(X, axis=0))
        error = (share * (1 - share) / len(permuted)) ** 0.5 or None
        told = {"separable": Estimate(float(found.separable)), "points": Estimate(float(len(X))),
                "dimensions": Estimate(float(rank)), "load": Estimate(len(X) / rank),
                "cover_probability": Estimate(separable_probability(len(X), rank)),
                "permuted_separable": Estimate(share, error)}  # fmt: skip
        if found.separable:
            told["margin"] = Estimate(linear.distance(X, y), unit="spreads") if self.intercept else Estimate(
                linear.best_margin(X, y))  # fmt: skip
        return Result(
            "separable", estimates=told,
            checks=[law.plane_separates(found.margin) if found.separable else law.no_plane(found.residual),
                    law.as_permuted(share, self.permutations, found.separable),
                    *([law.general_position(repeated)] if found.separable and repeated else [])],
            arrays=xr.Dataset({"normal": ("coordinate", found.normal), "weight": ("point", found.weight),
                               "side": ("point", X @ found.normal), "label": ("point", y)}),
            settings=vars(self) | {"labels": f"-1: {kinds[0]}, +1: {kinds[1]}"}, seconds=time.perf_counter() - begun,
            notes=[f"cover_probability: that a plane separates {len(X)} points with labels of a fair coin in {rank} "
                   "dimensions, the intercept counted, in general position; permuted_separable keeps how many there "
                   "are of each label."],
        )  # fmt: skip
