# SPDX-License-Identifier: Apache-2.0
"""Draw from a trained density: of a result of `approximate`, of its run directory, or a flow of one's own."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from isinglass import nets
from isinglass.errors import InputError
from isinglass.result import Check, Estimate, Result
from isinglass.run.directory import find as find_run
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks import outcome
from isinglass.tasks.sample_system import Observables
from isinglass.tasks.task import AbstractTask, Verb, setting

if TYPE_CHECKING:
    from isinglass.nets.density import AbstractGenerator

__all__ = ["SampleDensity"]


@dataclass(frozen=True)
class DensityRun:
    """A run directory with a trained density."""

    run: str
    """A run directory, the NAME of one (density: its latest run), or 'latest'."""
    allow: tuple[str, ...] = ()
    """Packages of your own whose classes may be loaded."""
    root: Path = Path("runs")
    """Where runs are kept."""

    def read(self) -> tuple[Result, dict[str, Any], dict[str, Any]]:
        """The result with its models; no further settings; which run it is."""
        folder = find_run(self.run, self.root)
        return Result.load(folder, allow=self.allow), {}, {"run": str(folder)}


@dataclass(frozen=True)
class SampleDensity(AbstractTask):
    """Independent samples of a generator, with ln q where it has a density, and means of observables.

    Law: samples follow the model; whether the model follows the data, the checks of its training say.
    """

    verb: ClassVar[Verb] = "sample"
    problem: ClassVar[tuple[str, ...]] = ("isinglass.nets.density:AbstractGenerator", "isinglass.result:Result")
    guide: ClassVar[str] = "docs/own_problems.md"
    what: ClassVar[str] = "a trained density (a result of approximate, or its model)"
    command: ClassVar[str] = "draw"
    source: ClassVar[type] = DensityRun

    samples: int = 1000
    """Samples to draw."""
    model: str | None = None
    """Name of the model in the result, where it holds several."""
    chunk: int = 512
    """Samples in memory at once."""
    observables: Observables = setting(None)
    """Name -> function of one sample: its mean and error; of several numbers, its values."""

    def run(
        self, key: Any, problem: "Result | AbstractGenerator", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Draw, a chunk at a time; it takes seconds, so that `checkpoint` is not used."""
        begun = time.perf_counter()
        outcome.observed.check_observables(self.observables)
        model = self.generator(problem)
        progress(0, 1, f"drawing {self.samples} samples")
        x, log_q = drawn(key, model, self.samples, min(self.chunk, self.samples))
        values = outcome.observed.observed(self.observables, x, len(model.shape))
        lost = float((~np.isfinite(np.asarray(x, float))).reshape(len(x), -1).any(axis=1).sum())
        found = {} if log_q is None else {"entropy": mean_and_error(-log_q)}
        return Result(
            "draw",
            estimates=found | outcome.observed.by_weights(values, np.zeros(len(x))),
            checks=[
                Check.at_most("samples are finite", lost, 0.0),
                inherited(problem),
                *outcome.observed.finite_observables(values),
            ],
            arrays=table(x, log_q, values).assign_coords(entry_names(problem)),
            models={"density": model},
            settings={"model": type(model).__name__, "shape": list(model.shape), "samples": self.samples},
            seconds=time.perf_counter() - begun,
            figures=["marginals"],
        )

    def generator(self, problem: Any) -> "AbstractGenerator":
        """The model to draw from.  Errors: InputError for a result that has none, or several without a name."""
        if not isinstance(problem, Result):
            return problem
        models = {n: m for n, m in problem.models.items() if isinstance(m, nets.AbstractGenerator)}
        shown = ", ".join(models) or ", ".join(f"{n} ({type(m).__name__})" for n, m in problem.models.items()) or "none"
        if self.model is not None and self.model not in models:
            raise InputError(f"a model {self.model!r} that generates samples", shown, "name one that is there")
        if self.model is None and len(models) != 1:
            fix = "say which: model='NAME'" if models else "approximate the density of an array first"
            raise InputError("a result with one trained density", shown, fix)
        return models[self.model or next(iter(models))]


def entry_names(problem: Any) -> dict[str, Any]:
    """The coordinate `axis_0` of a result whose entries have names."""
    arrays = getattr(problem, "arrays", {})
    return {"axis_0": arrays["axis_0"]} if "axis_0" in getattr(arrays, "coords", {}) else {}


def drawn(key: Any, model: Any, n: int, chunk: int) -> tuple[np.ndarray, np.ndarray | None]:
    """n samples, and ln q of each where the model knows it."""
    import equinox as eqx
    import jax

    one = (lambda m, key: m.draw_with_log_prob(key)) if isinstance(model, nets.AbstractDensity) else (
        lambda m, key: (m.draw(key), None))  # fmt: skip
    each = eqx.filter_jit(lambda model, keys: jax.lax.map(lambda key: one(model, key), keys, batch_size=chunk))
    x, log_q = each(model, jax.random.split(key, n))
    return np.asarray(x), None if log_q is None else np.asarray(log_q, float)


def inherited(problem: Any) -> Check:
    """What is known of the model: the verdict of its training, or nothing."""
    if isinstance(problem, Result) and problem.checks:
        law = f"the model follows its data: verdict of its own {len(problem.checks)} checks"
        return Check(law, None, None, None, problem.verdict)
    law = "samples follow the model; how near it is to the data was not judged here"
    return Check(law, None, None, None, "unknown")


def mean_and_error(values: np.ndarray) -> Estimate:
    """Of independent samples."""
    error = float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else None
    return Estimate(float(values.mean()), error, "nat")


def table(x: np.ndarray, log_q: np.ndarray | None, values: Any) -> Any:
    """Samples, a row for each, with ln q and observables."""
    import xarray as xr

    axes = lambda name, a: ("sample", *(f"{name}axis_{i}" for i in range(a.ndim - 1)))  # noqa: E731
    columns: dict[str, Any] = {"configurations": (axes("", x), x)}
    if log_q is not None:
        columns["log_prob"] = ("sample", log_q)
    return xr.Dataset(columns | {name: (axes(f"{name}_", f), f) for name, f in values.items()})
