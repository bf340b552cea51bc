# SPDX-License-Identifier: Apache-2.0
"""The arrays in a file, whatever its format; which of them is what is decided later.  Never pickle.

| suffix                                | read as                                                                      |
|---------------------------------------|------------------------------------------------------------------------------|
| `.npz`, `.npy`                        | NumPy, without pickled objects                                               |
| `.h5`, `.hdf5`, `.nc`, HDF5 by content| HDF5 and netCDF-4: each group is a table                                     |
| `.mat`                                | MATLAB, version 7.3 (HDF5) too                                               |
| `.txt`, `.dat`, `.csv`, `.tsv` (`.gz`)| one row a line: numbers, or signs (0110, +--+); a header names columns       |

Arrays of an `.npz` file whose names differ by numbers alone (T=2.10, T=2.20) are a table each.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.data.conversion import PICKLED, SUFFIXES, another_format, classic_netcdf, is_pickle, unpickled
from isinglass.data.numpy_file import npy_arrays, npz_arrays
from isinglass.data.text_table import text_arrays
from isinglass.errors import InputError
from isinglass.run.input.regular_file import file_size
from isinglass.run.input.separate_reader import StoredGroup, is_hdf5, read_separately

__all__ = ["NUMBER", "FileTable", "plain", "tables"]

Arrays = dict[str, np.ndarray]
BY_CONTENT = {b"\x93NUMPY": ".npy", b"PK\x03\x04": ".npz"}
PICKLE = b"\x80"
BY_LIBRARY = (".h5", ".hdf5", ".nc", ".mat")  # C code, read by a process of its own
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?"
ROWS = "write rows of equal length: numbers between blanks, commas, semicolons or tabs; # begins a comment"


@dataclass(frozen=True)
class FileTable:
    """Arrays that belong together: those of a file, or of a group in it."""

    name: str  # of the file, and of the group
    arrays: Arrays = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)  # one number or word for all rows
    unread: dict[str, str] = field(default_factory=dict)  # what is not kept, and why


def tables(paths: Sequence[Path]) -> list[list[FileTable]]:
    """The tables of each file; of HDF5 every group is one, the whole file first.

    Errors: InputError for a file that is missing, broken, pickled or of another format.
    """
    formats = [format_of(path) for path in paths]
    apart = [path for path, kind in zip(paths, formats, strict=True) if kind in BY_LIBRARY]
    groups = dict(zip(apart, read_separately(apart), strict=True))
    return [
        grouped(path, groups[path]) if path in groups else read_here(path, kind)
        for path, kind in zip(paths, formats, strict=True)
    ]


def format_of(path: Path) -> str:
    """The suffix of SUFFIXES that says how a file is read: its own, or where that is another, by content.

    Errors: InputError with the lines that convert what is not read.
    """
    file_size(path)
    end = path.suffix.lower()
    suffix = path.with_suffix("").suffix.lower() if end in (".gz", ".bz2", ".xz", ".zst") else end
    if suffix in PICKLED:
        raise unpickled(path, suffix)
    with open(path, "rb") as opened:
        begin = opened.read(8)
    if end == suffix in SUFFIXES or (end == ".gz" and suffix in (".txt", ".dat", ".csv", ".tsv")):
        if suffix == ".nc" and begin[:3] == b"CDF":
            raise classic_netcdf(path.name)
        if suffix in (".npy", ".npz") and begin.startswith(PICKLE):
            raise unpickled(path, suffix)
        return suffix
    if is_hdf5(path):
        return ".h5"
    found = next((kind for magic, kind in BY_CONTENT.items() if begin.startswith(magic)), "")
    if found == ".npz" and is_pickle(path):
        raise unpickled(path, ".pt")
    if not found or suffix in (".zip", ".xlsx", ".ods"):
        raise another_format(path, suffix)
    return found


def read_here(path: Path, suffix: str) -> list[FileTable]:
    """The tables of NumPy and text files."""
    text = suffix not in (".npz", ".npy")
    try:
        found, unread = (text_arrays if text else npz_arrays if suffix == ".npz" else npy_arrays)(path)
    except InputError:
        raise
    except Exception as error:  # whatever a damaged file makes NumPy, zipfile or a decoder raise
        reason = (str(error).splitlines() or [""])[0].partition(";")[0] or type(error).__name__
        expected = f"a table of numbers in {path}" if text else f"a whole {suffix} file at {path}"
        fix = ROWS if text else "write or copy it again, without pickled objects"
        raise InputError(expected, f"one that cannot be read ({reason[:200]})", fix) from None
    if not found and "pickled objects" in unread.values():
        raise unpickled(path, suffix)
    arrays, constants = split(found)
    numbered = sorted(n for n in arrays if arrays[n].ndim > 1 and re.search(NUMBER, n))
    if suffix == ".npz" and len(numbered) > 1 and len({re.sub(NUMBER, "#", n) for n in numbered}) == 1:
        rest = {n: a for n, a in arrays.items() if n not in numbered}
        return [FileTable(f"{path.name}/{n}", {"configurations": arrays[n], **rest}, constants) for n in numbered]
    return [FileTable(path.name, arrays, constants, unread)]


def grouped(path: Path, groups: list[StoredGroup]) -> list[FileTable]:
    """A table for each group, with the constants of those around it; MATLAB's variables of one row have one axis."""
    given: dict[str, dict[str, Any]] = {}
    out = []
    for group in groups:
        matlab = path.suffix.lower() == ".mat"
        found = {n: column(a.T if is_reversed(group, n) else a) if matlab else a for n, a in group.arrays.items()}
        arrays, constants = split(found)
        around = given.get(group.name.rpartition("/")[0], {}) if group.name else {}
        own = {name: c for name, value in group.constants.items() if (c := plain(value)) is not None}
        said = {k: c for of in group.attributes.values() for k, v in of.items()
                if k in ("kind", "channels", "boundary") and (c := plain(v)) is not None}  # fmt: skip
        given[group.name] = around | own | constants
        out.append(FileTable(path.name + group.name, arrays, around | own | said | constants, group.unread))
    return out


def is_reversed(group: StoredGroup, name: str) -> bool:
    """Whether MATLAB 7.3 wrote it, with its axes in reverse."""
    return "MATLAB_class" in group.attributes.get(name, {})


def split(found: Arrays) -> tuple[Arrays, dict[str, Any]]:
    """Arrays, and those of no axis as constants."""
    constants = {name: plain(a) for name, a in found.items() if a.ndim == 0}
    return {n: a for n, a in found.items() if a.ndim}, {n: c for n, c in constants.items() if c is not None}


def column(array: np.ndarray) -> np.ndarray:
    """[n, 1] and [1, n] as [n], [1, 1] as a number."""
    return array.reshape(-1 if array.size > 1 else ()) if array.ndim == 2 and 1 in array.shape else array


def plain(value: Any) -> Any:
    """A stored attribute as text or number, where it is bytes or an array of one element; None for anything else."""
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "biufSUO":
        return None
    value = array.reshape(-1)[0]
    value = value.decode(errors="replace") if isinstance(value, bytes) else value
    return value.item() if isinstance(value, np.generic) else value if isinstance(value, str) else None
