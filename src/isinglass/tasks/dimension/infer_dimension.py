# SPDX-License-Identifier: Apache-2.0
"""Infer the intrinsic dimension of the rows of a data matrix."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass.checks.learning import dimension as law
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.spectrum.spectrum_file import SpectrumFile
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.inference.dimension.two_nearest import TwoNearest
    from isinglass.inference.spectrum.data_matrix import DataMatrix

__all__ = ["InferDimension"]

FEWEST = 400  # rows
SCALES = (4, 32)  # neighbors within the outer radius


@dataclass(frozen=True)
class InferDimension(AbstractTask):
    """On how many coordinates the rows of a data matrix depend: the intrinsic dimension, from nearest neighbors.

        infer(0, DataMatrix(X), method="dimension")

    Rows of real numbers: ratios of the distances of two neighbors; of whole numbers with ties: counts within two radii.
    Verdict: `unknown` where the dimension depends on the scale.
    Ref: Facco et al. 2017, doi:10.1038/s41598-017-11873-y; Macocco et al. 2023, arXiv:2207.09688.
    Law: rotations, another unit and the order of the rows change nothing.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.spectrum.data_matrix:DataMatrix",)
    guide: ClassVar[str] = "docs/dimension.md"
    what: ClassVar[str] = "a data matrix (isinglass.inference.spectrum.DataMatrix)"
    command: ClassVar[str] = "dimension"
    source: ClassVar[type] = SpectrumFile

    method: str = setting("dimension", choices=lambda: ["dimension"])
    """dimension: of the rows, from nearest neighbors."""
    standardize: bool = False
    """Divide each column by its spread: for quantities of different units."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is dimension."""
        return settings.get("method") == "dimension"

    def run(
        self, key: Any, problem: "DataMatrix", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Distances of all pairs.  It takes seconds: `checkpoint` is not used."""
        import jax

        from isinglass.inference.dimension.neighbors import whole
        from isinglass.inference.dimension.two_nearest import two_nearest

        begun = time.perf_counter()
        X = clean_rows(problem, standardize=self.standardize)
        progress(0, 1, "distances")
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        near = two_nearest(rng, X)
        counted = whole(X) and max(near.ties, near.copies) > law.TIES
        estimates, checks = by_counts(rng, X) if counted else by_neighbors(near)
        way = "counts within two radii" if counted else "ratios of the distances of two neighbors"
        return Result(
            "dimension", estimates=estimates, checks=checks,
            settings=vars(self) | {"rows": X.shape[0], "columns": X.shape[1]}, seconds=time.perf_counter() - begun,
            notes=[f"Dimension by {way}."],
        )  # fmt: skip


def clean_rows(problem: "DataMatrix", *, standardize: bool) -> np.ndarray:
    """The rows as float.  Errors: InputError for what is no matrix of finite numbers, few rows, equal columns."""
    X = np.asarray(problem.X)
    if X.ndim != 2 or X.dtype.kind not in "biuf":  # noqa: PLR2004
        found = f"{list(X.shape)} of {X.dtype}"
        raise InputError("a matrix X [n, p] of real numbers", found, "give a row for each measurement")
    if np.ma.isMaskedArray(problem.X) or not np.isfinite(X.astype(float)).all():
        found = "masked ones" if np.ma.isMaskedArray(problem.X) else f"{int((~np.isfinite(X)).sum())} that are not"
        raise InputError("finite numbers", found, "leave out these rows or columns")
    if len(X) < FEWEST:
        raise InputError(f"{FEWEST} rows or more", f"{len(X)}", "give more")
    X = X.astype(float)
    spread = X.std(axis=0)
    if not (spread > 0).any():
        raise InputError("columns that vary", "all are constant", "give rows that differ")
    if standardize:
        X = (X - X.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    return X


def by_neighbors(found: "TwoNearest") -> tuple[dict[str, Estimate], list[Check]]:
    """The error holds the bias that a change of scale shows."""
    from isinglass.inference.dimension.two_nearest import PARTS

    d, parts = Estimate(found.dimension, found.error), Estimate(found.of_parts, found.of_parts_error)
    scale, bias = law.dimension_at_scales(d, parts, PARTS)
    estimates = {"dimension": Estimate(d.value, float(np.hypot(found.error, bias))),
                 f"dimension/one_row_in_{PARTS}": parts,
                 "neighbor_distance": Estimate(found.distance)}  # fmt: skip
    return estimates, [scale, law.distances_differ(found.ties), law.few_copies(found.copies), law.no_hubs(found.hub)]


def by_counts(rng: np.random.Generator, X: np.ndarray) -> tuple[dict[str, Estimate], list[Check]]:
    """At two scales; beside it the nearest neighbors, whose distances are moved at random within ½."""
    from isinglass.inference.dimension.lattice_counts import lattice_dimension, lattice_radii
    from isinglass.inference.dimension.neighbors import nearest_two
    from isinglass.inference.dimension.two_nearest import apart, dimension_of

    small, large = (lattice_dimension(X, *t) for t in lattice_radii(X, SCALES))
    near = apart(rng, nearest_two(X))
    d = dimension_of(near)
    one, two = (Estimate(f.dimension, f.error) for f in (small, large))
    scale, bias = law.dimension_at_scales(one, two, SCALES[1] // SCALES[0])
    nearest = Estimate(d, d / len(X) ** 0.5)
    estimates = {"dimension": Estimate(one.value, float(np.hypot(small.error, bias))), "dimension/larger_radii": two,
                 "dimension/nearest_two": nearest, "radius": Estimate(float(small.outer))}  # fmt: skip
    hub = float(np.bincount(near.first).max() / len(X))
    checks = [scale, law.estimators_agree(one, nearest), law.no_hubs(hub)]
    return estimates, checks
