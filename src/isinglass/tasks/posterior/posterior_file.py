# SPDX-License-Identifier: Apache-2.0
"""Parameters and simulations in a file, an observation in another."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.inference import posterior

if TYPE_CHECKING:
    from isinglass.inference.posterior.simulations import Simulations

__all__ = ["PosteriorFile"]

PARAMETERS = ("theta", "parameters", "params", "theta_train", "thetas", "y", "temperature")
DATA = ("x", "data", "simulations", "observables", "sims", "summaries", "x_train", "configurations")

RUN = "arrays.nc"  # what the folder of a run holds


@dataclass(frozen=True)
class PosteriorFile:
    """Simulated pairs: parameters theta [n, d] and data x [n, ...], a row for each simulation."""

    file: Path
    """.h5, .npz, .nc, .mat, .csv and .txt with named columns; samples of isinglass; folders of a run, or of store=."""
    observation: Path | None = None
    """What was observed: a file with one row of the same data."""
    parameters: tuple[str, ...] = ()
    """Names of the parameters: of one array, or of columns; by default theta or parameters."""
    simulated: tuple[str, ...] = ()
    """Names of the data: of one array, or of columns; by default x or data, or all other columns."""
    low: tuple[float, ...] = ()
    """Lower ends of a uniform prior, one for each parameter."""
    high: tuple[float, ...] = ()
    """Upper ends of a uniform prior, one for each parameter."""

    def read(self) -> "tuple[Simulations, dict[str, Any], dict[str, Any]]":
        """The pairs; observation and prior; what was read, for the record."""
        if self.observation is None:
            raise InputError("an observation", "none", "give the file of one")
        pairs, columns, said = self.pairs()
        seen = observed(self.observation, columns, pairs.x.shape[1:])
        prior = {} if not (self.low or self.high) else {"prior": box(self.low, self.high, pairs.names)}
        return pairs, {"observation": seen} | prior, {"read": said}

    def pairs(self) -> "tuple[Simulations, list[str], str]":
        """The pairs, the names of the data, and what was read in words; a folder is a store of simulations."""
        if self.file.is_dir() and not (self.file / RUN).exists():
            return self.stored()
        held, name = numbers(self.file)
        theta, names = picked(held, name, self.parameters, PARAMETERS, "parameters")
        rest = {key: a for key, a in held.items() if key not in names}
        x, columns = picked(rest, name, self.simulated, DATA, "simulated")
        labels = (
            tuple(names) if len(names) == theta.shape[1] else tuple(f"{names[0]}_{i}" for i in range(theta.shape[1]))
        )
        read = f"{name}: {', '.join(names)} {list(theta.shape)}, {', '.join(columns)} {list(x.shape)}"
        return posterior.Simulations(theta, x, labels), columns, read

    def stored(self) -> "tuple[Simulations, list[str], str]":
        """Those of a store.  Errors: InputError for names of arrays, which it has not."""
        if self.parameters or self.simulated:
            found = " ".join((*self.parameters, *self.simulated))
            raise InputError("no names of arrays for a store of simulations", found, "leave them out")
        pairs = posterior.Simulations.read(self.file)
        shapes = f"{list(pairs.theta.shape)}, x {list(pairs.x.shape)}"
        return pairs, ["x"], f"{self.file.name}: {', '.join(pairs.names)} {shapes}"


def picked(
    held: dict[str, np.ndarray], name: str, asked: tuple[str, ...], usual: tuple[str, ...], setting: str
) -> tuple[np.ndarray, list[str]]:
    """The array, or the columns side by side, that are named, or that bear a usual name."""
    shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items()) or "none"
    if lacking := [key for key in asked if key not in held]:
        raise InputError(f"arrays {', '.join(lacking)} in {name}", shown, "name arrays that are there")
    names = list(asked) or [key for key in held if key.lower() in usual][:1]
    if not names and setting == "simulated" and held and all(a.ndim == 1 for a in held.values()):
        names = list(held)
    if not names:
        raise InputError(f"an array of {setting} in {name}", shown, f"name it: {setting} NAME")
    if len(names) == 1:
        a = held[names[0]]
        return (a[:, None] if a.ndim == 1 else a), names
    if any(held[key].ndim != 1 for key in names) or len({len(held[key]) for key in names}) > 1:
        raise InputError(f"columns of equal length in {name}", shown, "name one array, or columns")
    return np.stack([held[key] for key in names], axis=1), names


def numbers(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """The arrays of numbers in a file, or of a run, and its name."""
    table = data.table.tables([path / RUN if path.is_dir() else path])[0][0]
    return one_draw({key: a for key, a in table.arrays.items() if a.dtype.kind in "biuf"}), table.name


def one_draw(held: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Of samples of Markov chains the last draw of each chain at each temperature: the others are like it.

    What has another length than the samples, diagnosis by temperature, is left out.
    """
    if not {"temperature", "chain", "draw"} <= set(held) or held["chain"].shape != held["draw"].shape:
        return held
    n = len(held["draw"])
    last = np.lexsort((held["draw"], held["chain"], held["temperature"]))
    pairs = np.stack([held["temperature"], held["chain"]], axis=1)[last]
    ends = last[np.append((pairs[1:] != pairs[:-1]).any(axis=1), [True])]
    return {key: a[np.sort(ends)] for key, a in held.items() if len(a) == n}


def observed(path: Path, columns: list[str], shape: tuple[int, ...]) -> np.ndarray:
    """The observation: the same columns, or the only array."""
    held, name = numbers(path)
    if len(columns) > 1 and all(key in held for key in columns):
        row = np.stack([held[key].ravel() for key in columns], axis=-1)
    elif len(held) == np.prod(shape) > 1 and all(a.size == 1 for a in held.values()):
        row = np.array([a.item() for a in held.values()])
    else:
        found = [held[key] for key in columns if key in held] or list(held.values())
        if len(found) != 1:
            shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items()) or "none"
            raise InputError(f"one observation of shape {list(shape)} in {name}", shown, f"name the array {columns[0]}")
        row = found[0]
    if row.size != int(np.prod(shape)):
        raise InputError(f"one observation of shape {list(shape)} in {name}", f"{list(row.shape)}", "keep one row")
    return row.reshape(shape)


def box(low: tuple[float, ...], high: tuple[float, ...], names: tuple[str, ...]) -> dict[str, Any]:
    """A uniform prior.  Errors: InputError for ends that are not one for each parameter, or not in order."""
    from numpyro import distributions as dist

    if len(low) != len(names) or len(high) != len(names):
        found = f"{len(low)} lower and {len(high)} upper ends"
        raise InputError(f"ends of the prior for {len(names)} parameters", found, "give low and high for each")
    for a, b, name in zip(low, high, names, strict=True):
        if not (np.isfinite([a, b]).all() and a < b):
            raise InputError(f"low below high for {name}", f"{a:g} and {b:g}", "exchange or correct them")
    return {name: dist.Uniform(a, b) for a, b, name in zip(low, high, names, strict=True)}
