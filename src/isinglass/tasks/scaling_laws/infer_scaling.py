# SPDX-License-Identifier: Apache-2.0
"""Infer the scaling law of training runs: loss by parameters, tokens or compute, and how to spend a compute."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from isinglass.errors import InputError
from isinglass.inference import scaling_laws
from isinglass.result import Result
from isinglass.run.blas import one_blas_thread
from isinglass.run.precision import require_double
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.scaling_laws.scaling_evidence import ScalingEvidence
from isinglass.tasks.scaling_laws.scaling_file import ScalingFile
from isinglass.tasks.task import AbstractTask, Verb

if TYPE_CHECKING:
    from isinglass.inference.scaling_laws.runs_table import CleanRuns, RunsTable

__all__ = ["InferScaling"]

SIZES = ("parameters", "tokens", "compute")
STILL = 1e-9  # spread of ln x that is rounding
FEWEST_VALUES = 3  # different ones of a size
FEWEST_REPLICAS = 100


@dataclass(frozen=True)
class InferScaling(AbstractTask):
    """L = E + A/N^α + B/D^β of training runs, by the least Huber loss of ln L, with bootstrap errors.

        infer(0, RunsTable(loss, parameters=N, tokens=D), compute=(1e24,))

    One size alone: L = E + A/x^α.  Compute C = 6 N D gives the third of N, D and C, and the split of a compute with the
    smallest loss.
    Ref: Hoffmann et al. 2022, arXiv:2203.15556; Besiroglu et al. 2024, arXiv:2404.10102.
    Law: residuals have no trend in N, D and C, and the law of the smaller runs predicts the largest.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.inference.scaling_laws.runs_table:RunsTable",)
    guide: ClassVar[str] = "docs/scaling.md"
    what: ClassVar[str] = "training runs (isinglass.inference.scaling_laws.RunsTable)"
    command: ClassVar[str] = "scaling"
    source: ClassVar[type] = ScalingFile

    law: Literal["auto", "both", "parameters", "tokens", "compute"] = "auto"
    """Sizes that the loss is a law of; auto: parameters and tokens where both are known and vary, else one."""
    compute: tuple[float, ...] | None = None
    """Compute in FLOP to split, or to predict the loss of; by default the largest of the runs, and 10 times as much."""
    loss_below: float | None = None
    """Leave out runs whose loss is not below it."""
    replicas: int = 1000
    """Bootstrap samples."""
    resample: Literal["auto", "runs", "groups"] = "auto"
    """What the bootstrap resamples; auto: runs, or groups of 8 similar runs where the residuals of these are alike."""
    huber: float = 1e-3
    """δ of the Huber loss of ln L."""
    flop: float = 6.0
    """Operations for each parameter and token, κ of C = κ N D."""

    def run(
        self, key: Any, problem: "RunsTable", *, progress: ProgressCallable = silent, checkpoint: Path | None = None
    ) -> Result:
        """Fit, resample, extrapolate.  It takes seconds: `checkpoint` is not used."""
        begun = time.perf_counter()
        require_double("fits of scaling laws")
        if self.replicas < FEWEST_REPLICAS:
            raise InputError(f"{FEWEST_REPLICAS} replicas or more", f"{self.replicas}", "leave it out for 1000")
        if not 0 < self.huber < 1:
            raise InputError("huber between 0 and 1", f"{self.huber:g}", "leave it out for 0.001")
        runs, left = self.kept(problem)
        names, why = self.chosen(runs)
        compute = self.asked(runs, names)
        x = np.stack([runs.size[name] for name in names], axis=1)
        size = runs.size.get("compute", x[:, 0])
        progress(0, 1, f"{len(x)} runs: a law of {' and '.join(names)}")
        with one_blas_thread():
            fit = scaling_laws.fit_law(key, x, runs.loss, size, self.replicas, self.huber, self.resample)
        found = ScalingEvidence(runs, names, fit, compute, self.flop, self.compute is not None)
        return Result(
            "scaling", estimates=found.estimates(), checks=found.checks(), arrays=found.arrays(),
            settings=vars(self) | {"law": " and ".join(names), "runs": len(x), "compute": list(map(float, compute))},
            figures=["loss_size", "loss_residuals", *(["iso_loss"] if len(names) == 2 else [])],
            notes=[*why, *left, *found.notes()], seconds=time.perf_counter() - begun,
        )  # fmt: skip

    def kept(self, problem: "RunsTable") -> "tuple[CleanRuns, list[str]]":
        """The runs below the loss asked for, and how many are not."""
        runs = scaling_laws.clean_runs(problem, self.flop)
        if self.loss_below is None:
            return runs, []
        good = runs.loss < self.loss_below
        if (n := int(good.sum())) < scaling_laws.FEWEST:
            raise InputError(f"{scaling_laws.FEWEST} runs or more with a loss below {self.loss_below:g}", f"{n}",
                             "give a larger loss_below")  # fmt: skip
        ratio = None if runs.flop_ratio is None else runs.flop_ratio[good]
        size = {name: a[good] for name, a in runs.size.items()}
        note = [f"left out, since their loss is not below {self.loss_below:g}: {len(good) - n} runs"]
        return runs._replace(loss=runs.loss[good], size=size, row=runs.row[good], flop_ratio=ratio), note

    def chosen(self, runs: "CleanRuns") -> tuple[tuple[str, ...], list[str]]:
        """The sizes of the law, and why where they were not asked for."""
        asked = {"auto": (), "both": SIZES[:2]}.get(self.law, (self.law,))
        if lacking := [name for name in asked if name not in runs.size]:
            raise InputError(f"{' and '.join(asked)} of each run", f"no {lacking[0]}", "give them, or another law")
        varying = [name for name in SIZES if name in runs.size and several(runs.size[name])]
        if still := [name for name in asked if name not in varying]:
            few = len(np.unique(runs.size[still[0]]))
            rest = [name for name in SIZES[:2] if name in varying]
            fix = f"choose law={rest[0]!r}" if rest else "train runs of other sizes"
            raise InputError(f"{FEWEST_VALUES} values or more of {still[0]} to find its exponent", f"{few}", fix)
        if asked:
            return asked, []
        if set(SIZES[:2]) <= set(varying):
            return SIZES[:2], []
        if not varying:
            found = ", ".join(f"{len(np.unique(a))} of {name}" for name, a in runs.size.items())
            raise InputError(f"{FEWEST_VALUES} values or more of parameters, tokens or compute", found, "train others")
        still = [name for name in SIZES[:2] if name in runs.size and name not in varying]
        why = [f"{name} have fewer than {FEWEST_VALUES} values: their exponent is not determined, and their term is "
               "part of the irreducible loss" for name in still]  # fmt: skip
        return (varying[0],), why

    def asked(self, runs: "CleanRuns", names: tuple[str, ...]) -> np.ndarray:
        """The compute that is split, or whose loss is predicted."""
        if len(names) == 1 and names != ("compute",):
            if self.compute is not None:
                fix = "leave compute out, or give parameters and tokens that vary"
                raise InputError("a law of parameters and tokens, or of compute", f"one of {names[0]}", fix)
            return np.array([])
        if self.compute is not None and not all(0 < C < np.inf for C in self.compute or (0.0,)):
            found = ", ".join(f"{C:g}" for C in self.compute) or "none"
            raise InputError("computes above 0, in FLOP", found, "give for example 1e21")
        largest = float(runs.size["compute"].max())
        return np.array(self.compute if self.compute is not None else (largest, 10 * largest))


def several(a: np.ndarray) -> bool:
    """Whether there are three values or more that are not equal but for rounding."""
    steps = np.diff(np.sort(np.log(a)))
    return int((steps > STILL).sum()) + 1 >= FEWEST_VALUES
