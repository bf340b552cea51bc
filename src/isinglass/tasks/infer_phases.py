# SPDX-License-Identifier: Apache-2.0
"""Infer the phase transition hidden in configurations: the control parameter at which their law changes."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from isinglass import checks, inference
from isinglass.result import Estimate, Result, none_or_float
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.infer_transition import checked
from isinglass.tasks.infer_two_phases import of_labels
from isinglass.tasks.setting.phases_files import PhasesFiles, configurations_of
from isinglass.tasks.task import AbstractTask, Preset, Verb, setting

if TYPE_CHECKING:
    from isinglass.data.configurations import Configurations
    from isinglass.inference.phases.confusion import Confusion
    from isinglass.result import Check

    Networks = Confusion | None
else:
    Networks = Any

__all__ = ["InferPhases"]

NETWORKS = {"smoke": (1, 200), "laptop": (2, 400), "paper": (8, 1000)}  # repeats, steps


@dataclass(frozen=True)
class InferPhases(AbstractTask):
    """A blind search by correlation length, confusion and supervised networks; it uses no critical value.

    Law: the readings of independent methods agree.
    Ref: Carrasquilla and Melko 2017, arXiv:1605.01735; van Nieuwenburg, Liu and Huber 2017, arXiv:1610.02048.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.data.configurations:Configurations", "isinglass.result:Result", "builtins:dict"
    )  # fmt: skip
    guide: ClassVar[str] = "docs/files.md"
    what: ClassVar[str] = (
        "configurations (a result of sample, an array with temperature=T, or isinglass.data.read(file))"
    )
    command: ClassVar[str] = "phases"
    source: ClassVar[type] = PhasesFiles

    preset: Preset = "laptop"
    """smoke: a quick look; laptop: a minute; paper: more networks."""
    confusion: Networks = setting(None)
    """Settings of learning by confusion, in place of the preset's."""
    draws: int = 200
    """Bootstrap samples over chains, for the errors."""
    refine: bool = setting(True)  # noqa: FBT003
    """Train away from the first answer and find where the network says one half."""
    ask: bool = setting(True)  # noqa: FBT003
    """Use networks too.  Without them: ξ/L and moments alone, in a second; other order stays unseen."""
    method: str = setting("blind", choices=lambda: ["blind"])
    """blind; other tasks: components (no labels), two_phases (networks trained to distinguish two)."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is blind; trained networks are for the supervised search by size."""
        return settings.get("method", "blind") == "blind" and not {"networks", "label"} & set(settings)

    def run(
        self, key: Any, problem: "Result | Configurations | Mapping", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Search; it takes seconds, so that `checkpoint` is not used."""
        begun = time.perf_counter()
        if isinstance(problem, Mapping):
            return of_sizes(key, problem, self.draws, progress)
        found = configurations_of(problem)
        if found.labels:
            return of_labels(key, found, progress=progress)
        size = " x ".join(map(str, found.shape))
        progress(0, 1, f"{found.n} configurations of {size}: correlations and networks")
        repeats, steps = NETWORKS[self.preset]
        confusion = self.confusion or inference.phases.Confusion(repeats=repeats, steps=steps)
        knobs = inference.phases.Locate(confusion=confusion, draws=self.draws, ask=self.ask, refine=self.refine)
        result = inference.phases.locate.locate(key, found, knobs)
        result.checks += earned(result, f"critical_{found.parameter_name}")
        result.seconds = time.perf_counter() - begun
        return result


def earned(result: Result, name: str) -> "list[Check]":
    """What must hold for the number to be right: it is order, of a known class, inside the range, and methods agree.

    Without a number there is nothing to check: the verdict is unknown.
    """
    if name not in result.estimates:
        return []
    planar = result.arrays.attrs["universality"].startswith("planar")
    readings = {k: e for k, e in result.estimates.items() if k.startswith(f"{name}/")}
    if result.arrays.attrs["boundary"] == "open":  # a free surface shifts by O(1/L) what the networks see
        readings = {k: e for k, e in readings.items() if k.endswith(("correlation_length", "moment_ratio"))}
    if planar:  # vortices unbind below the temperature of the peak of the specific heat, which the networks find
        readings = {k: e for k, e in readings.items() if k.endswith("correlation_length")}
    held = [] if planar else [checks.agreement.agreement(readings, result.estimates[name], name=name.replace("_", " "))]
    held.append(checks.critical.known_class(result.arrays.attrs["universality"], result.arrays.attrs["boundary"]))
    if "evidence_shape" not in result.arrays:
        return held
    seen = found_evidence(result)
    held += [
        checks.critical.no_mean(seen["mean_share"]),
        checks.critical.critical_fluctuations(seen["shape"], seen["shape_critical"].value),
        *checks.critical.spontaneous(*(seen[f"moment_{k}"] for k in ("ordered", "disordered", "critical", "normal"))),
        *checks.critical.within_range(int(seen["beyond"].value), int(seen["groups"].value)),
    ]
    return held + ([checks.critical.one_class(seen["apart"])] if "apart" in seen else [])


def of_sizes(key: Any, problem: Mapping, draws: int, progress: ProgressCallable) -> Result:
    """Finite-size scaling, and what must hold for it to be right."""
    begun = time.perf_counter()
    by_size = checked(problem)
    progress(0, 1, f"L = {', '.join(map(str, sorted(by_size)))}: crossings and collapse")
    result = inference.phases.scaling.scaling(key, by_size, inference.phases.scaling.BySize(draws=draws))
    name = f"critical_{next(iter(by_size.values())).parameter_name}"
    if name in result.estimates:
        seen, attributes = found_evidence(result), result.arrays.attrs
        last = max((k for k in result.estimates if "/crossing_" in k), key=lambda k: int(k.rsplit("_L", 1)[1]))
        readings = {k: result.estimates[k] for k in (name, last)}
        result.checks = [
            checks.critical.collapsed(attributes["chi2"], attributes["freedom"], attributes["symmetry"]),
            checks.agreement.agreement(readings, result.estimates[name], name="collapse and crossing"),
            checks.critical.hyperscaling(result.estimates["exponent_sum"], attributes["dimension"]),
            checks.critical.no_mean(seen["mean_share"]),
            *checks.critical.within_range(int(seen["beyond"].value), int(seen["groups"].value)),
        ]
    result.seconds = time.perf_counter() - begun
    return result


def found_evidence(result: Result) -> dict[str, Estimate]:
    """The numbers of the search by name."""
    names = [name for name in map(str, result.arrays) if name.startswith("evidence_") and not name.endswith("_error")]
    return {name.removeprefix("evidence_"): evidence(result, name) for name in names}


def evidence(result: Result, variable: str) -> Estimate:
    """A number of the search, with its error if it has one."""
    error = result.arrays.get(f"{variable}_error")
    return Estimate(float(result.arrays[variable]), None if error is None else none_or_float(float(error)))
