# SPDX-License-Identifier: Apache-2.0
"""NumPy's `.npy` and `.npz`, without pickled objects; what a header claims is held against the length of the file."""

import math
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.lib import format as npy

from isinglass.errors import InputError
from isinglass.memory import available_memory, in_bytes
from isinglass.run.input.reader_process import ALLOWANCE, DEEPEST
from isinglass.run.input.regular_file import file_size

__all__ = ["npy_arrays", "npz_arrays"]

MAGIC = b"\x93NUMPY"


class Arrays(NamedTuple):
    """What a file holds."""

    arrays: dict[str, np.ndarray]
    unread: dict[str, str]  # name and why


def npy_arrays(path: Path) -> Arrays:
    """One array by the name of the file, or the columns of a table.  Errors: any, for a broken file."""
    size = file_size(path)
    with open(path, "rb") as opened:
        return columns(path.stem, stored(opened, size, path))


def npz_arrays(path: Path) -> Arrays:
    """The arrays of an archive by name.  Errors: as for `npy_arrays`."""
    size, found = file_size(path), Arrays({}, {})
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        check_claims(sum(member.file_size for member in members), size, path)
        for member in members:
            name = member.filename.removesuffix(".npy")
            with archive.open(member) as opened:
                if opened.read(len(MAGIC)) != MAGIC:
                    found.unread[name] = "no array of NumPy"
                    continue
                opened.seek(0)
                one = columns(name, stored(opened, member.file_size, path))
            found.arrays.update(one.arrays)
            found.unread.update(one.unread)
    return found


def check_claims(claimed: int, size: int, path: Path) -> None:
    """Errors: InputError for an archive that unpacks to more than its bytes can stand for, or the memory can hold."""
    if claimed > ALLOWANCE + DEEPEST * size:
        found = f"{in_bytes(claimed)} claimed in the {in_bytes(size)} of {path}"
        raise InputError("arrays that a file of this length can hold", found, "write or copy it again")
    if claimed > (memory := available_memory()):
        found = f"{in_bytes(claimed)} in {path}, unpacked"
        raise InputError(f"arrays of at most {in_bytes(memory)}, the memory that is free", found, "take a part of it")


def stored(opened: Any, length: int, path: Path) -> np.ndarray | str:
    """The array in an open file of this length, or why it is not read.

    Errors: InputError for a header that claims more than the file holds; ValueError for what is no header.
    """
    version = npy.read_magic(opened)
    if version not in ((1, 0), (2, 0)):
        raise ValueError(f"version {version[0]}.{version[1]} of the format")
    shape, _, dtype = (npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0)(opened)
    if dtype.hasobject:
        return "pickled objects"
    claimed, left = math.prod(shape) * dtype.itemsize, length - opened.tell()
    if claimed > left or min(shape, default=0) < 0:
        found = f"{in_bytes(claimed)} of shape {list(shape)} claimed in the {in_bytes(left)} of {path}"
        raise InputError("an array that a file of this length can hold", found, "write or copy it again")
    if dtype.itemsize == 0 or len(shape) > 32:
        return "no array of numbers"
    opened.seek(0)
    return np.asarray(npy.read_array(opened, allow_pickle=False))


def columns(name: str, array: np.ndarray | str) -> Arrays:
    """An array by its name, a table as one array for each column; in the machine's byte order."""
    if isinstance(array, str):
        return Arrays({}, {name: array})
    if array.dtype.names:
        parts: list[Any] = [columns(column, array[column]) for column in array.dtype.names]
        return Arrays(*({n: a for part in parts for n, a in part[i].items()} for i in range(2)))
    return Arrays({name: array.astype(array.dtype.newbyteorder("="), copy=False)}, {})
