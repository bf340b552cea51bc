# SPDX-License-Identifier: Apache-2.0
"""Configurations from and to files.  Formats: `isinglass.data.table`.  Never pickle.

A file holds `configurations` [n, ...lattice] and the control parameter `temperature` [n] (or an array by another name),
and may hold `chain` [n], the Markov chain each row comes from, and `energy` [n].  Attributes `kind`, `channels` and
`boundary` are used.  Other names and layouts are found by name, shape and evidence (`role`, `axes`, `kind`,
`boundary`, `several`); what cannot be known is asked, and `Configurations.source` says how the file was read.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass.data.configurations import Configurations
from isinglass.data.reading import as_configurations
from isinglass.data.role import Stated
from isinglass.data.several import read_several
from isinglass.data.table import plain
from isinglass.errors import InputError
from isinglass.run.export.samples import write_csv
from isinglass.run.netcdf import write_netcdf
from isinglass.run.output import new_path, whole_file

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.result import Result

__all__ = ["check_output_path", "from_dataset", "read", "read_sizes", "to_dataset", "write"]

Paths = str | Path | Sequence[str | Path]


def read(
    path: Paths, parameter: str | None = None, kind: str | None = None, *, configurations: str | None = None,
    shape: str | Sequence[int] = (), axes: str | Sequence[str] = (), period: float | None = None,
    boundary: str | None = None,
) -> Configurations:  # fmt: skip
    """Configurations of one lattice from a file, or from several that belong together.

    `parameter`, `configurations`: names of arrays.  `kind` overrides the kind of the values, `period` says that they
    are angles.  `shape`: the sides of the lattice, "16 16".  `axes`: what each axis of the array counts, "row site site
    vector", of row, point (of the scan), site, vector, channel, one.  `boundary`: periodic, open,
    part (of a larger lattice) or unknown.
    """
    stated = as_stated(parameter, kind, configurations, shape, axes, period, boundary)
    found = read_several(as_paths(path), stated)
    if len(found) > 1:
        sides = ", ".join(" x ".join(map(str, c.lattice)) for c in found)
        raise InputError("configurations of one lattice", f"those of {sides}", "use read_sizes, or name one file")
    return found[0]


def read_sizes(
    path: Paths, parameter: str | None = None, kind: str | None = None, **said: Any
) -> dict[int, Configurations]:
    """Configurations by lattice size L, the mean side, from one file or several; arguments as for `read`.

    Errors: InputError where two lattices have one size.
    """
    words: dict[str, Any] = dict.fromkeys(("configurations", "period", "boundary")) | {"shape": (), "axes": ()} | said
    found: dict[int, Configurations] = {}
    for c in read_several(as_paths(path), as_stated(parameter, kind, **words)):
        L = round(c.x[0].size ** (1 / len(c.lattice))) if c.lattice == c.shape else mean_side(c.lattice)
        if L in found:
            sides = " and ".join(" x ".join(map(str, one.lattice)) for one in (found[L], c))
            raise InputError("lattices of different sizes", sides, "leave one of them out")
        found[L] = c
    return found


def mean_side(sides: tuple[int, ...]) -> int:
    """The geometric mean of the sides."""
    import math

    return round(math.prod(sides) ** (1 / len(sides)))


def as_paths(path: Paths) -> list[Path]:
    """One path or several as a list."""
    found = [Path(path)] if isinstance(path, str | Path) else [Path(one) for one in path]
    if not found:
        raise InputError("a data file", "none", "name one")
    return found


def as_stated(
    parameter: str | None, kind: str | None, configurations: str | None, shape: str | Sequence[int],
    axes: str | Sequence[str], period: float | None, boundary: str | None,
) -> Stated:  # fmt: skip
    """What the user says, with words as tuples.  Errors: InputError for sides that are no numbers."""
    sides = shape.replace("x", " ").split() if isinstance(shape, str) else list(shape)
    if not all(str(side).isdigit() and int(side) > 0 for side in sides):
        raise InputError("sides of the lattice as whole numbers", repr(shape), "write shape='16 16'")
    words = tuple(axes.split() if isinstance(axes, str) else axes)
    return Stated(parameter, configurations, kind, tuple(int(side) for side in sides), words, period, boundary)


def to_dataset(configurations: Configurations) -> "xr.Dataset":
    """A Dataset of configurations(sample, axis_0, ...), their parameter(sample) and chain(sample)."""
    import xarray as xr

    c = configurations
    axes = tuple(f"axis_{i}" for i in range(c.x.ndim - 1))
    attributes = {"kind": c.kind, "channels": int(c.channels), "boundary": c.boundary}
    variables: dict[str, Any] = {"configurations": (("sample", *axes), c.x, attributes)}
    variables[c.parameter_name] = ("sample", c.parameter)
    for name in ("chain", "energy"):
        if getattr(c, name) is not None:
            variables[name] = ("sample", getattr(c, name))
    coordinates = [name for name in (c.parameter_name, "chain") if name in variables]
    return xr.Dataset(variables, attrs={"parameter": c.parameter_name, "source": c.source}).set_coords(coordinates)


def from_dataset(dataset: "xr.Dataset") -> Configurations:
    """The inverse of `to_dataset`."""
    parameter = str(dataset.attrs.get("parameter", "temperature"))
    arrays = {
        name: dataset[name].to_numpy() for name in ("configurations", parameter, "chain", "energy") if name in dataset
    }
    if "configurations" not in arrays or parameter not in arrays:
        found = ", ".join(map(str, dataset.variables)) or "nothing"
        raise InputError(f"variables 'configurations' and {parameter!r}", found, "sample first, or rename them")
    attributes = {name: plain(value) for name, value in dataset["configurations"].attrs.items()}
    return as_configurations(
        arrays["configurations"], arrays[parameter], parameter, Stated(), "the data", attributes=attributes,
        chain=arrays.get("chain"), energy=arrays.get("energy"),
    )  # fmt: skip


def write(data: "Configurations | Result", path: str | Path) -> Path:
    """Write netCDF that xarray and `read` can read, of a Result all its arrays; as .csv a table without configurations.

    Nothing is overwritten.
    """
    path = check_output_path(path)
    dataset = to_dataset(data) if isinstance(data, Configurations) else data.arrays
    if path.suffix.lower() == ".csv":
        write_csv(dataset, path)
        return path
    if dataset is None or "configurations" not in dataset:
        raise InputError("a result that holds configurations", "none", "write one that `sample` returned")
    with whole_file(path, "configurations") as temporary:
        write_netcdf(dataset, temporary)
    return path


def check_output_path(path: str | Path) -> Path:
    """The path, checked to be new and to end in .nc or .csv.  Errors: InputError."""
    if Path(path).suffix.lower() not in (".nc", ".csv"):
        expected = "an output path that ends in .nc (configurations, netCDF) or .csv (a table without them)"
        raise InputError(expected, str(path), "rename it, for example data.nc")
    return new_path(path, "samples")
