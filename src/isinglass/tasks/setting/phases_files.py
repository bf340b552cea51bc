# SPDX-License-Identifier: Apache-2.0
"""Configurations that a command reads from files, and those that a task is given."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from isinglass import data
from isinglass.errors import InputError
from isinglass.result import Result

if TYPE_CHECKING:
    from isinglass.data.configurations import Configurations

__all__ = ["PhasesFiles", "configurations_of"]


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
    boundary: Literal["periodic", "open", "part", "unknown"] | None = None
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


def configurations_of(problem: "Result | Configurations") -> "Configurations":
    """The configurations of a result that `sample` returned, or the configurations themselves."""
    if not isinstance(problem, Result):
        return problem
    if "configurations" not in problem.arrays:
        raise InputError("a result that holds configurations", "none", "give one that `sample` returned")
    return data.from_dataset(problem.arrays)
