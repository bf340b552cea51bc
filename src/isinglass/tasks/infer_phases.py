# SPDX-License-Identifier: Apache-2.0
"""Infer the phase transition hidden in configurations: the control parameter at which their law changes."""

import time
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from isinglass import checks, data, inference
from isinglass.errors import InputError
from isinglass.result import Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.tasks.task import AbstractTask, Preset, Verb, setting

if TYPE_CHECKING:
    from isinglass.data.configurations import Configurations
    from isinglass.inference.phases.confusion import Confusion

    Networks = Confusion | None
else:
    Networks = Any

__all__ = ["InferPhases"]

NETWORKS = {"smoke": (1, 200), "laptop": (2, 400), "paper": (8, 1000)}  # repeats, steps


@dataclass(frozen=True)
class PhasesFiles:
    """Configurations in a file: `configurations` [n, ...lattice] and `temperature` [n]; or in several files."""

    files: tuple[Path, ...]
    """.npz, .npy, .h5, .nc, .mat, .csv, .txt; several: parts of one set, one for each temperature, or lattice sizes."""
    parameter: str | None = None
    """Name of the array with the control parameter; found if not given."""
    configurations: str | None = None
    """Name of the array with the configurations; found if not given."""
    kind: Literal["ising", "potts", "angle", "vector", "real"] | None = None
    """What a variable is; inferred from the values if not given."""
    shape: tuple[int, ...] = ()
    """Sides of the lattice, where sites stand in one row: 16 16."""
    axes: tuple[Literal["row", "point", "site", "vector", "channel", "one"], ...] = ()
    """What each axis of the array counts: point row site site."""
    period: float | None = None
    """The variables are angles of this period, for example 360."""
    boundary: Literal["periodic", "open", "unknown"] | None = None
    """Of the lattice; seen in the data if not given."""

    def read(self) -> tuple["Configurations | dict[int, Configurations]", dict[str, Any], dict[str, Any]]:
        """The configurations, by lattice size where there are several; no further settings; how they were read."""
        said = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "files"}
        found = data.read_sizes(self.files, **said)
        record = {"files": [str(file) for file in self.files], "read": [c.source for c in found.values()]}
        if len(found) > 1:
            return found, {}, record | {"sizes": sorted(found)}
        (one,) = found.values()
        return one, {}, record | {"kind": one.kind}


@dataclass(frozen=True)
class InferPhases(AbstractTask):
    """A blind search by correlation length, confusion and supervised networks; it uses no critical value.

    Law: the readings of independent methods agree.
    """

    verb: ClassVar[Verb] = "infer"
    problem: ClassVar[tuple[str, ...]] = (
        "isinglass.data.configurations:Configurations", "isinglass.result:Result", "builtins:dict"
    )  # fmt: skip
    what: ClassVar[str] = "configurations (a result of sample, or isinglass.data.read(file))"
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
    method: str = setting("blind", choices=lambda: ["blind"])
    """blind; other tasks: components (no labels), two_phases (networks trained to distinguish two)."""

    @classmethod
    def takes(cls, settings: Any) -> bool:
        """Where the method is blind."""
        return settings.get("method", "blind") == "blind"

    def run(
        self, key: Any, problem: "Result | Configurations", *, progress: ProgressCallable = silent,
        checkpoint: Path | None = None,
    ) -> Result:  # fmt: skip
        """Search; it takes seconds, so that `checkpoint` is not used."""
        begun = time.perf_counter()
        found = configurations_of(problem)
        size = " x ".join(map(str, found.shape))
        progress(0, 1, f"{found.n} configurations of {size}: correlations and networks")
        repeats, steps = NETWORKS[self.preset]
        confusion = self.confusion or inference.phases.Confusion(repeats=repeats, steps=steps)
        knobs = inference.phases.Locate(confusion=confusion, draws=self.draws, refine=self.refine)
        result = inference.phases.locate.locate(key, found, knobs)
        name = f"critical_{found.parameter_name}"
        if name in result.estimates:
            readings = {k: e for k, e in result.estimates.items() if k.startswith(f"{name}/")}
            if (
                found.kind == "angle"
            ):  # vortices unbind below the temperature of the peak of the specific heat, which the networks find
                readings = {k: e for k, e in readings.items() if k.endswith("correlation_length")}
            check = checks.agreement.agreement(readings, result.estimates[name], name=name.replace("_", " "))
            result.checks.append(check)
        result.seconds = time.perf_counter() - begun
        return result


def configurations_of(problem: "Result | Configurations") -> "Configurations":
    """The configurations of a result that `sample` returned, or the configurations themselves."""
    if not isinstance(problem, Result):
        return problem
    if "configurations" not in problem.arrays:
        raise InputError("a result that holds configurations", "none", "give one that `sample` returned")
    return data.from_dataset(problem.arrays)
