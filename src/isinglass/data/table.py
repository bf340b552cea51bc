# SPDX-License-Identifier: Apache-2.0
"""The arrays in a file, whatever its format; which of them is what is decided later.  Never pickle.

| suffix                                | read as                                                                      |
|---------------------------------------|------------------------------------------------------------------------------|
| `.npz`, `.npy`                        | NumPy, without pickled objects                                               |
| `.h5`, `.hdf5`, `.nc`                 | HDF5 and netCDF-4: each group that holds arrays is a table                   |
| `.mat`                                | MATLAB up to 7.2, and 7.3 (HDF5)                                             |
| `.txt`, `.dat`, `.csv`, `.tsv` (`.gz`)| one row a line: numbers, or signs (0110, +--+); a header names columns       |

Arrays of an `.npz` file whose names differ by numbers alone (T=2.10, T=2.20) are a table each.
"""

import re
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from isinglass.data.matlab import matlab_arrays
from isinglass.data.text_table import text_arrays
from isinglass.errors import InputError

__all__ = ["NUMBER", "SUFFIXES", "FileTable", "plain", "tables", "unpickled"]

Arrays = dict[str, np.ndarray]
HDF5 = (".h5", ".hdf5", ".nc")
TEXT = (".txt", ".dat", ".csv", ".tsv")
SUFFIXES = (".npz", ".npy", *HDF5, ".mat", *TEXT)
PICKLED = (".pkl", ".pickle", ".p", ".joblib", ".pt", ".pth", ".ckpt")
BROKEN = (OSError, EOFError, ValueError, KeyError, TypeError, IndexError, RuntimeError, SyntaxError, TokenError,
          zipfile.BadZipFile, zlib.error)  # fmt: skip
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"


@dataclass(frozen=True)
class FileTable:
    """Arrays that belong together: those of a file, or of a group in it."""

    name: str  # of the file, and of the group
    arrays: Arrays = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)  # one number or word for all rows
    unread: tuple[str, ...] = ()  # names of what is no plain array: objects that only unpickling would give


def tables(path: Path) -> list[FileTable]:
    """The tables of a file.  Errors: InputError for one that is missing, broken, pickled or of another format."""
    suffix = path.with_suffix("").suffix.lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    if suffix in PICKLED:
        raise unpickled(path, suffix)
    if suffix not in SUFFIXES:
        raise InputError(
            f"a file ending in {', '.join(SUFFIXES)}", path.name,
            "write one in Python: numpy.savez_compressed('data.npz', configurations=x, temperature=T)",
        )  # fmt: skip
    if not path.is_file():
        found = "a folder" if path.is_dir() else "no such file"
        raise InputError(f"a data file at {path}", found, "name its files, as in FOLDER/*" if path.is_dir() else
                         "check the path")  # fmt: skip
    try:
        return [t for t in reader(suffix)(path) if t.arrays or t.constants or t.unread] or [FileTable(path.name)]
    except PermissionError:
        raise InputError(f"a readable file at {path}", "no permission", f"allow it: chmod u+r {path}") from None
    except BROKEN as error:
        if isinstance(error, InputError):
            raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        if "pickle" in reason:
            raise unpickled(path, suffix) from None
        raise InputError(
            f"a whole {suffix} file at {path}", f"one that cannot be read ({reason})",
            "write or copy it again, without pickled objects",
        ) from None  # fmt: skip


def unpickled(path: Path, suffix: str) -> InputError:
    """What to do with a pickle: it is code that runs when it is opened, so it is not opened here."""
    load = f"pickle.load(open('{path.name}', 'rb'))"
    if suffix in (".npy", ".npz"):
        load = f"numpy.load('{path.name}', allow_pickle=True)"
    if suffix in (".pt", ".pth", ".ckpt"):
        load = f"torch.load('{path.name}')"
    return InputError(
        f"a file ending in {', '.join(SUFFIXES)}", f"{path.name}, a pickle, which can run code when it is opened",
        f"if you trust it, convert it in Python: x = {load}; numpy.savez_compressed('data.npz', "
        "configurations=numpy.asarray(x), temperature=T); unpack packed bits by numpy.unpackbits",
    )  # fmt: skip


def reader(suffix: str) -> Callable[[Path], list[FileTable]]:
    """The function that reads such a file."""
    if suffix in HDF5:
        return read_hdf5
    return {".npz": read_npz, ".npy": read_npy, ".mat": read_mat}.get(suffix, read_text)


def plain(value: Any) -> Any:
    """A stored attribute as text or number, where it is bytes or an array of one element; None for anything else."""
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "biufSUO":
        return None
    value = array.reshape(-1)[0]
    value = value.decode(errors="replace") if isinstance(value, bytes) else value
    return value.item() if isinstance(value, np.generic) else value if isinstance(value, str) else None


def split(found: Arrays) -> tuple[Arrays, dict[str, Any]]:
    """Arrays, and those of no axis as constants."""
    constants = {name: plain(a) for name, a in found.items() if a.ndim == 0}
    return {n: a for n, a in found.items() if a.ndim}, {n: c for n, c in constants.items() if c is not None}


def read_npz(path: Path) -> list[FileTable]:
    """A NumPy archive."""
    if not zipfile.is_zipfile(path):
        raise zipfile.BadZipFile("not a zip archive")
    found, unread = {}, []
    with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
        for name in file.files:
            try:
                found[name] = np.asarray(file[name])
            except ValueError as error:
                if "allow_pickle" not in str(error):
                    raise
                unread.append(name)
    arrays, constants = split(found)
    numbered = sorted(n for n in arrays if arrays[n].ndim > 1 and re.search(NUMBER, n))
    if len(numbered) > 1 and len({re.sub(NUMBER, "#", n) for n in numbered}) == 1:
        rest = {n: a for n, a in arrays.items() if n not in numbered}
        return [FileTable(f"{path.name}/{n}", {"configurations": arrays[n], **rest}, constants) for n in numbered]
    return [FileTable(path.name, arrays, constants, tuple(unread))]


def read_npy(path: Path) -> list[FileTable]:
    """One array."""
    with open(path, "rb") as opened:
        array = np.load(opened, allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise ValueError("not an array")
    if array.dtype.names:
        return [FileTable(path.name, {name: array[name] for name in array.dtype.names})]
    return [FileTable(path.name, {path.stem: array})]


def read_hdf5(path: Path) -> list[FileTable]:
    """Every group with arrays, its attributes and those of the groups around it."""
    import h5py

    out: list[FileTable] = []

    def visit(group: Any, name: str, above: dict[str, Any], depth: int) -> None:
        given = above | {key: c for key, value in group.attrs.items() if (c := plain(value)) is not None}
        inside = {key: group[key] for key in group if group.get(key, getlink=True).__class__.__name__ == "HardLink"}
        stored = {key: entry for key, entry in inside.items() if isinstance(entry, h5py.Dataset)}
        arrays, constants = split({key: np.asarray(e) for key, e in stored.items() if e.dtype.kind in "biufcSO"})
        for entry in stored.values():
            given |= {
                k: c
                for k, v in entry.attrs.items()
                if k in ("kind", "channels", "boundary") and (c := plain(v)) is not None
            }
        if any(a.ndim > 1 for a in arrays.values()) or not depth:
            out.append(FileTable(name, arrays, given | constants))
        for key, entry in inside.items():
            if isinstance(entry, h5py.Group) and depth < 4:
                visit(entry, f"{name}/{key}", given | constants, depth + 1)

    with h5py.File(path, "r") as file:
        visit(file, path.name, {}, 0)
    grouped = [t for t in out[1:] if any(a.ndim > 1 for a in t.arrays.values())]
    return grouped if grouped and not any(a.ndim > 1 for a in out[0].arrays.values()) else out[:1]


def read_mat(path: Path) -> list[FileTable]:
    """The variables of MATLAB; those of one row or column have one axis."""
    with open(path, "rb") as opened:
        version_7_3 = b"MATLAB 7.3" in opened.read(128)
    if version_7_3:
        return [FileTable(t.name, {n: column(a) for n, a in t.arrays.items()}, t.constants) for t in read_hdf5(path)]
    arrays, constants = split({name: column(a) for name, a in matlab_arrays(path.read_bytes()).items()})
    return [FileTable(path.name, arrays, constants)]


def column(array: np.ndarray) -> np.ndarray:
    """[n, 1] and [1, n] as [n], [1, 1] as a number."""
    return array.reshape(-1 if array.size > 1 else ()) if array.ndim == 2 and 1 in array.shape else array


def read_text(path: Path) -> list[FileTable]:
    """Rows of numbers or signs; without a header one array, named after the file."""
    return [FileTable(path.name, text_arrays(path))]
