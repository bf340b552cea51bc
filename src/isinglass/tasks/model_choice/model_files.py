# SPDX-License-Identifier: Apache-2.0
"""Simulations of several models, a file for each, and an observation in another."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import systems
from isinglass.errors import InputError
from isinglass.tasks.posterior.posterior_file import DATA, PARAMETERS, numbers, observed, picked

if TYPE_CHECKING:
    from isinglass.systems.simulator.rival_models import RivalModels

__all__ = ["ModelFiles"]


@dataclass(frozen=True)
class ModelFiles:
    """Data x [n, ...] that each model simulated, parameters drawn from its prior: a row for each simulation."""

    files: tuple[Path, ...]
    """One for each model, named after it: .h5, .npz, .nc, .mat, .csv and .txt with named columns."""
    observation: Path | None = None
    """What was observed: a file with one row of the same data."""
    simulated: tuple[str, ...] = ()
    """Names of the data: of one array, or of columns; by default x or data, or all that are no parameters."""
    weights: tuple[float, ...] = ()
    """Probability of each model before the observation, up to a factor; by default equal."""

    def read(self) -> "tuple[RivalModels, dict[str, Any], dict[str, Any]]":
        """The simulations by model; the observation; what was read, for the record."""
        if self.observation is None:
            raise InputError("an observation", "none", "give the file of one")
        names = [path.stem for path in self.files]
        if len(set(names)) < max(2, len(names)):
            raise InputError("files of two models or more, each of another name", ", ".join(names), "rename them")
        if self.weights and len(self.weights) != len(names):
            raise InputError(f"weights of {len(names)} models", f"{len(self.weights)}", "give one for each file")
        tables = {name: self.table(path) for name, path in zip(names, self.files, strict=True)}
        if len({x.shape[1:] for x, _ in tables.values()}) > 1:
            said = ", ".join(f"{list(x.shape[1:])} in {name}" for name, (x, _) in tables.items())
            raise InputError("data of one shape in all files", said, "let all hold the same quantities")
        x, columns = tables[names[0]]
        seen = observed(self.observation, columns, x.shape[1:])
        rivals = systems.simulator.RivalModels({name: x for name, (x, _) in tables.items()}, self.weights or None)
        read = [f"{name}: {', '.join(columns)} {list(x.shape)}" for name, (x, columns) in tables.items()]
        return rivals, {"observation": seen}, {"files": [str(path) for path in self.files], "read": read}

    def table(self, path: Path) -> tuple[np.ndarray, list[str]]:
        """The data of one file, and their names."""
        held, name = numbers(path)
        rest = {key: a for key, a in held.items() if key.lower() not in PARAMETERS} or held
        if not self.simulated and len(rest) == 1:
            (key,) = rest
            return picked(rest, name, (key,), DATA, "simulated")
        return picked(rest if not self.simulated else held, name, self.simulated, DATA, "simulated")
