# SPDX-License-Identifier: Apache-2.0
"""The samples of a result for other programs: a DataTree of ArviZ, a table of text."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.errors import InputError
from isinglass.run.output import whole_file

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sample_tree", "write_csv"]

ORDER = ("temperature", "chain", "draw")


def sample_tree(arrays: "xr.Dataset") -> "xr.DataTree":
    """Groups `posterior` (energy, order parameter, observables) and `configurations`, [chain, draw, temperature, ...].

    Draws that not all chains have are left out.  Errors: InputError where there are no samples.
    """
    import xarray as xr

    table = samples_of(arrays)
    T, chain = (labels(table, name) for name in ("temperature", "chain"))
    draw = labels(table, "draw") if "draw" in table else running(T, chain)
    shape = tuple(len(np.unique(label)) for label in (chain, draw, T))
    number, count = np.unique(draw, return_counts=True)
    kept = np.isin(draw, number[count == count.max()])
    order = np.flatnonzero(kept)[np.lexsort((T[kept], draw[kept], chain[kept]))]
    shape = (shape[0], len(np.unique(draw[kept])), shape[2])
    if len(order) != np.prod(shape):
        raise InputError("as many samples of every chain at every temperature", f"{len(T)}", "sample again")
    coordinates = dict(zip(("chain", "draw", "temperature"), map(np.unique, (chain, draw[kept], T)), strict=True))
    groups: dict[str, dict[str, Any]] = {"posterior": {}, "configurations": {}}
    for name, variable in table.data_vars.items():
        rows = variable.transpose("sample", ...)
        cube = rows.to_numpy()[order].reshape(*shape, *rows.shape[1:])
        group = "configurations" if name == "configurations" else "posterior"
        groups[group][str(name)] = (("chain", "draw", "temperature", *rows.dims[1:]), cube, variable.attrs)
    found = {name: xr.Dataset(group, coordinates, arrays.attrs) for name, group in groups.items() if group}
    return xr.DataTree.from_dict({f"/{name}": data for name, data in found.items()})


def write_csv(arrays: "xr.Dataset", path: Path) -> None:
    """One row for each sample: temperature, chain, draw, energy, order parameter, observables; a header of names.

    Numbers are written in full.  The file is written whole, and nothing is overwritten.  Errors: InputError where there
    are no samples, or for a path that exists.
    """
    import csv

    table = samples_of(arrays)
    columns: dict[str, np.ndarray] = {name: table[name].to_numpy() for name in ORDER if name in table}
    for name, variable in table.data_vars.items():
        if name in (*ORDER, "configurations"):
            continue
        rows = variable.transpose("sample", ...).to_numpy().reshape(table.sizes["sample"], -1)
        many = rows.shape[1] > 1
        columns |= {f"{name}_{i}" if many else str(name): column for i, column in enumerate(rows.T)}
    with whole_file(path, "table") as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(column.tolist() for column in columns.values()), strict=True))


def samples_of(arrays: "xr.Dataset") -> "xr.Dataset":
    """The variables along `sample` alone.  Errors: InputError where there are none."""
    if "sample" not in arrays.dims:
        raise InputError("a result that holds samples", "none", "take one that `sample` returned")
    names = [name for name, variable in arrays.variables.items() if "sample" in variable.dims]
    return arrays[names].drop_vars([name for name in arrays[names].coords if name not in names])


def labels(table: "xr.Dataset", name: str) -> np.ndarray:
    """A coordinate of each sample; 0 where it is not told, so that all are in one."""
    return table[name].to_numpy() if name in table else np.zeros(table.sizes["sample"], int)


def running(T: np.ndarray, chain: np.ndarray) -> np.ndarray:
    """The number of each sample in its chain, in the order of the table."""
    draw, seen = np.zeros(len(T), int), {}
    for i, which in enumerate(zip(T.tolist(), chain.tolist(), strict=True)):
        draw[i] = seen[which] = seen.get(which, -1) + 1
    return draw
