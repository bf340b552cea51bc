# SPDX-License-Identifier: Apache-2.0
"""Configurations from and to files: `.npz`, HDF5 (`.h5`, `.hdf5`) and netCDF (`.nc`).  Never pickle.

A file holds `configurations` [n, ...lattice] and the control parameter `temperature` [n] (or an array by another name),
and may hold `chain` [n], the Markov chain each row comes from, and `energy` [n].  Attributes `kind` and `channels` are
used.
"""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.data.configurations import Configurations
from isinglass.data.kind import as_kind, detect_kind
from isinglass.errors import InputError
from isinglass.run.netcdf import write_netcdf
from isinglass.run.output import new_path, whole_file

if TYPE_CHECKING:
    import xarray as xr

    from isinglass.result import Result

__all__ = ["check_configurations", "check_netcdf_path", "from_dataset", "read", "to_dataset", "write"]

Arrays = dict[str, np.ndarray]
SUFFIXES = (".npz", ".h5", ".hdf5", ".nc")


def read(path: str | Path, parameter: str = "temperature", kind: str | None = None) -> Configurations:
    """Configurations from a file.  `parameter` names the control parameter, `kind` overrides the kind of the values."""
    path = Path(path)
    arrays, attributes = read_arrays(path, ("configurations", parameter, "chain", "energy"))
    if "configurations" not in arrays or parameter not in arrays:
        names = ", ".join(attributes["names"]) or "nothing"
        found = f"{path.name} with {names}"
        fix = (
            "rename the arrays"
            if parameter == "temperature"
            else f"is {parameter!r} spelt right? it is set by parameter='...'"
        )
        raise InputError(f"arrays 'configurations' and {parameter!r}", found, fix)
    kind = kind or attributes.get("kind")
    channels = attributes.get("channels")
    return check_configurations(arrays, parameter, kind=kind, channels=channels, source=path.name)


def check_configurations(
    arrays: Arrays, parameter: str, *, kind: str | None = None, channels: int | None = None, source: str = "the data"
) -> Configurations:
    """Configurations from arrays; energies are used where all rows have finite ones.  Errors: InputError."""
    arrays = dict(arrays)
    energy = known_energy(arrays.pop("energy", None), len(arrays["configurations"]))
    for name, array in arrays.items():
        if array.dtype.kind not in "iufb":
            found = f"{array.dtype} in {source}"
            raise InputError(f"numbers in {name!r}", found, "store real numbers, not objects or text")
        if not np.isfinite(array).all():
            count = int(np.sum(~np.isfinite(array)))
            raise InputError(f"finite numbers in {name!r}", f"{count} NaN or infinite in {source}", "remove those rows")
    x, t, chain = arrays["configurations"], arrays[parameter], arrays.get("chain")
    if x.ndim < 2 or min(x.shape[1:]) < 2:
        fix = "store one configuration per row, with two or more sites a side"
        raise InputError("'configurations' of shape [n, ...lattice]", f"shape {list(x.shape)} in {source}", fix)
    for name, other in ((parameter, t), ("chain", chain)):
        if other is not None and other.shape != x.shape[:1]:
            found = f"shape {list(other.shape)} for {len(x)} configurations in {source}"
            raise InputError(f"one {name} for each configuration", found, "give both arrays the same length")
    if len(np.unique(t)) < 2:
        found, fix = f"{len(np.unique(t))} in {source}", "add configurations on both sides of the transition"
        raise InputError(f"two or more values of {parameter}", found, fix)
    found_kind = kind or detect_kind(x)
    return Configurations(
        x=as_kind(x, found_kind),
        parameter=t.astype(np.float64),
        kind=found_kind,  # pyright: ignore[reportArgumentType]
        parameter_name=parameter,
        chain=None if chain is None else chain.astype(np.int64),
        channels=bool(looks_like_channels(x.shape[1:]) if channels is None else channels),
        source=f"{source}: {in_words(x, found_kind)}",
        energy=energy,
    )


def in_words(x: np.ndarray, kind: str) -> str:
    """The number, shape, kind and range of configurations as text."""
    shape, low, high = " x ".join(map(str, x.shape[1:])), float(x.min()), float(x.max())
    return f"{len(x)} configurations of {shape}, {kind}, values {low:.4g} to {high:.4g}"


def known_energy(energy: np.ndarray | None, n: int) -> np.ndarray | None:
    """The energies of n rows, None unless all are finite."""
    if energy is None or energy.dtype.kind not in "iuf" or energy.shape != (n,) or not np.isfinite(energy).all():
        return None
    return energy.astype(np.float64)


def looks_like_channels(shape: tuple[int, ...]) -> bool:
    """Whether the last axis may be the d links per site in d dimensions: [..., L, L, 2] or [..., L, L, L, 3]."""
    return len(shape) > 2 and shape[-1] == len(shape) - 1 and min(shape[:-1]) > shape[-1]


def read_arrays(path: Path, wanted: tuple[str, ...]) -> tuple[Arrays, dict[str, Any]]:
    """The wanted arrays in a file, and its attributes, with the names of all arrays as `names`."""
    if path.suffix.lower() not in SUFFIXES:
        found = f"{path.name}"
        raise InputError(
            f"a file ending in {', '.join(SUFFIXES)}", found, "convert it, e.g. numpy.savez_compressed(...)"
        )
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise InputError(f"a data file at {path}", found, "check the path")
    try:
        return read_npz(path, wanted) if path.suffix.lower() == ".npz" else read_hdf5(path, wanted)
    except PermissionError:
        raise InputError(f"a readable file at {path}", "no permission", f"allow it: chmod u+r {path}") from None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        found = f"one that cannot be read ({reason})"
        raise InputError(
            f"a whole {path.suffix} file at {path}", found, "write or copy it again, without pickled objects"
        ) from None


def read_npz(path: Path, wanted: tuple[str, ...]) -> tuple[Arrays, dict[str, Any]]:
    """Arrays and attributes of a NumPy archive; its strings `kind` and `channels` are the attributes."""
    if not zipfile.is_zipfile(path):
        raise zipfile.BadZipFile("not a zip archive")
    with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
        arrays = {name: np.asarray(file[name]) for name in wanted if name in file.files}
        attributes = {name: file[name].item() for name in ("kind", "channels") if name in file.files}
        return arrays, attributes | {"names": list(file.files)}


def read_hdf5(path: Path, wanted: tuple[str, ...]) -> tuple[Arrays, dict[str, Any]]:
    """Arrays and attributes of an HDF5 or netCDF-4 file."""
    import h5py

    with h5py.File(path, "r") as file:
        names = [name for name, entry in file.items() if isinstance(entry, h5py.Dataset)]
        arrays = {name: np.asarray(file[name]) for name in wanted if name in names}
        attributes = dict(file.attrs)
        if "configurations" in arrays:
            attributes |= dict(file["configurations"].attrs)
        kept = {name: text(attributes[name]) for name in ("kind", "channels") if name in attributes}
        return arrays, kept | {"names": names}


def text(attribute: Any) -> Any:
    """An HDF5 attribute as text or number, where it is stored as bytes or as an array of one element."""
    value = np.asarray(attribute).reshape(-1)[0]
    return value.decode() if isinstance(value, bytes) else value.item() if isinstance(value, np.generic) else value


def to_dataset(configurations: Configurations) -> "xr.Dataset":
    """A Dataset of configurations(sample, axis_0, ...), their parameter(sample) and chain(sample)."""
    import xarray as xr

    c = configurations
    axes = tuple(f"axis_{i}" for i in range(c.x.ndim - 1))
    attributes = {"kind": c.kind, "channels": int(c.channels)}
    variables: dict[str, Any] = {"configurations": (("sample", *axes), c.x, attributes)}
    variables[c.parameter_name] = ("sample", c.parameter)
    for name in ("chain", "energy"):
        if getattr(c, name) is not None:
            variables[name] = ("sample", getattr(c, name))
    return xr.Dataset(variables, attrs={"parameter": c.parameter_name, "source": c.source})


def from_dataset(dataset: "xr.Dataset") -> Configurations:
    """The inverse of `to_dataset`."""
    parameter = str(dataset.attrs.get("parameter", "temperature"))
    arrays = {
        name: dataset[name].to_numpy() for name in ("configurations", parameter, "chain", "energy") if name in dataset
    }
    if "configurations" not in arrays or parameter not in arrays:
        found = ", ".join(map(str, dataset.variables)) or "nothing"
        raise InputError(f"variables 'configurations' and {parameter!r}", found, "sample first, or rename them")
    attributes = {name: text(value) for name, value in dataset["configurations"].attrs.items()}
    return check_configurations(arrays, parameter, kind=attributes.get("kind"), channels=attributes.get("channels"))


def write(data: "Configurations | Result", path: str | Path) -> Path:
    """Write netCDF that xarray and `read` can read; for a Result, all its arrays.  Nothing is overwritten."""
    path = check_netcdf_path(path)
    dataset = to_dataset(data) if isinstance(data, Configurations) else data.arrays
    if dataset is None or "configurations" not in dataset:
        raise InputError("a result that holds configurations", "none", "write one that `sample` returned")
    with whole_file(path, "configurations") as temporary:
        write_netcdf(dataset, temporary)
    return path


def check_netcdf_path(path: str | Path) -> Path:
    """The path, checked to be new and to end in .nc.  Errors: InputError."""
    if Path(path).suffix.lower() != ".nc":
        raise InputError("an output path that ends in .nc (netCDF)", str(path), "rename it, for example data.nc")
    return new_path(path, "configurations")
