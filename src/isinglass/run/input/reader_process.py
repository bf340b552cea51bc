# SPDX-License-Identifier: Apache-2.0
"""HDF5 and MATLAB files, read in a process of its own: this file is run as a script and imports nothing of ours.

libhdf5 loops for ever or crashes on some damaged files, deaf to Ctrl-C, and SciPy crashes on some of MATLAB.
In: a line of JSON, {"files": [[path, length], ...], "seconds", "memory", "netcdf"}.  Out: lines of JSON, in this order:
["group", name, constants], for its arrays ["array", name, type, shape, dims, attributes] and then their bytes, or
["text", name, words, shape, dims, attributes], or ["unread", name, why]; ["end"] after each file;
["refused", expected, found, fix] or ["broken", reason] instead of all that comes after.
"""

import contextlib
import json
import math
import re
import resource
import signal
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__: list[str] = []

DEEPEST = 1032  # bytes that one byte of deflate may stand for; those of NumPy, HDF5 and MATLAB use no denser one
ALLOWANCE = 2**24  # claimed bytes that need no explanation
BASE = 2**31  # address space of Python and the libraries
NETCDF_ONLY = b"This is a netCDF dimension but not a netCDF variable"
NETCDF = ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "_Netcdf4Dimid", "_Netcdf4Coordinates", "_NCProperties")
MOST_WORDS = 10**6
TO_ONE_FILE = "copy all of it into one file, with h5py: new[name] = old[name][()]"


class Refused(Exception):  # noqa: N818
    """Expected, found, fix."""


def say(*words: Any) -> None:
    """One line of JSON."""
    sys.stdout.buffer.write(json.dumps(words).encode() + b"\n")


def words_of(value: Any) -> Any:
    """A stored attribute as JSON; None where it is no number and no text."""
    array = np.asarray(value)
    if array.size > MOST_WORDS or array.dtype.kind not in "biufSUO":
        return None
    listed = array.tolist()
    flat = [w.decode(errors="replace") if isinstance(w, bytes) else w for w in array.reshape(-1).tolist()]
    if not all(isinstance(w, str | int | float) for w in flat):
        return None
    return flat if isinstance(listed, list) else flat[0]


def attributes_of(entry: Any) -> dict[str, Any]:
    """The attributes of a group or dataset that are numbers or text."""
    found = {str(name): words_of(value) for name, value in entry.attrs.items() if name not in NETCDF}
    return {name: value for name, value in found.items() if value is not None}


def scanned(file: Any) -> list[tuple[str, Any, dict[str, Any]]]:
    """(path, group, its datasets) of every group, once, whatever the depth and however often it is linked.

    Refused: what leads out of the file, since a data file could pull in any other that the user can read.
    """
    import h5py

    out, seen, left = [], {h5py.h5o.get_info(file.id).addr}, [("", file)]
    while left:
        path, group = left.pop()
        stored, inside = {}, []
        for key in group:
            kind = group.id.links.get_info(key.encode(errors="surrogateescape")).type
            if kind == h5py.h5l.TYPE_SOFT:
                continue  # what it names inside this file has a name of its own
            if kind != h5py.h5l.TYPE_HARD:
                raise Refused("arrays in the file itself", f"{path}/{key}, a link to another file", TO_ONE_FILE)
            entry = group[key]
            if isinstance(entry, h5py.Dataset):
                check_inside(entry, f"{path}/{key}")
                stored[key] = entry
            elif isinstance(entry, h5py.Group) and (where := h5py.h5o.get_info(entry.id).addr) not in seen:
                seen.add(where)
                inside.append((f"{path}/{key}", entry))
        out.append((path, group, stored))
        left += reversed(inside)
    return out


def check_inside(dataset: Any, name: str) -> None:
    """Refused: bytes that lie in other files."""
    import h5py

    plan = dataset.id.get_create_plist()
    if plan.get_external_count():
        raise Refused("arrays in the file itself", f"{name}, stored in another file", TO_ONE_FILE)
    if plan.get_layout() == h5py.h5d.VIRTUAL:
        raise Refused("arrays in the file itself", f"{name}, a virtual dataset of other files", TO_ONE_FILE)


def check_claims(datasets: list[Any], length: int, memory: int) -> None:
    """Refused: sizes that the length of the file cannot hold, or the memory."""
    stored = sum(d.id.get_storage_size() for d in datasets)
    claimed = sum(d.dtype.itemsize * math.prod(d.shape or ()) for d in datasets)
    if stored > length or claimed > ALLOWANCE + DEEPEST * stored:
        found = f"{claimed:.3g} bytes claimed where {stored:.3g} are stored"
        raise Refused("arrays that a file of this length can hold", found, "copy the file again, or write it again")
    if claimed > memory:
        raise Refused(f"arrays of at most {memory / 1e9:.3g} GB, the memory that is free",
                      f"{claimed / 1e9:.3g} GB", "take a part of them")  # fmt: skip


def read_hdf5(path: str, length: int, memory: int, netcdf: bool) -> None:  # noqa: FBT001
    """Say every group with its arrays and attributes."""
    import h5py

    with h5py.File(path, "r") as file:
        groups = scanned(file)
        for _, _, stored in groups:
            for name in [n for n, d in stored.items() if bytes_of(d.attrs.get("NAME")).startswith(NETCDF_ONLY)]:
                del stored[name]
        check_claims([d for _, _, stored in groups for d in stored.values() if readable(d)], length, memory)
        for name, group, stored in groups:
            say("group", name, attributes_of(group))
            for key, dataset in stored.items():
                say_dataset(key, dataset, netcdf)


def bytes_of(value: Any) -> bytes:
    """The bytes of a text, if it is one."""
    return bytes(value) if isinstance(value, bytes) else value.encode() if isinstance(value, str) else b""


def readable(dataset: Any) -> bool:
    """Whether NumPy has its type, and it is no null dataspace."""
    try:
        return dataset.shape is not None and dataset.dtype is not None
    except TypeError:
        return False


def say_dataset(name: str, dataset: Any, netcdf: bool) -> None:  # noqa: FBT001
    """Its values, or why it has none."""
    if not readable(dataset):
        return say("unread", name, "no values that NumPy has")
    dims = [scale[0].name.rpartition("/")[2] if len(scale) else name for scale in dataset.dims] if netcdf else []
    if dataset.dtype.kind == "O" and dataset.size > MOST_WORDS:
        return say("unread", name, "text")
    return say_array(name, dataset[()], dims, attributes_of(dataset))


def say_array(name: str, values: Any, dims: Sequence[str] = (), attributes: dict[str, Any] | None = None) -> None:
    """An array and its bytes; text as JSON; a table as one array for each column."""
    array, attributes = np.asarray(values), attributes or {}
    kind = array.dtype.kind
    if kind in "SUO":
        text = words_of(array)
        said = text is not None and all(isinstance(w, str) for w in (text if isinstance(text, list) else [text]))
        return say("text", name, text, array.shape, dims, attributes) if said else say("unread", name, "objects")
    if array.dtype.names:
        for column in array.dtype.names:
            say_array(column, array[column])
        return None
    if kind not in "biufc":
        return say("unread", name, f"values of type {array.dtype}")
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("=")).reshape(array.shape)
    say("array", name, array.dtype.str, array.shape, dims, attributes)
    sys.stdout.buffer.write(array.reshape(-1).view(np.uint8).data)
    return None


def read_matlab(path: str, length: int, memory: int, netcdf: bool) -> None:  # noqa: FBT001
    """Say the variables of MATLAB; version 7.3 is HDF5 with its axes in reverse."""
    from scipy.io import loadmat

    del length, memory, netcdf  # held by the limit of the address space
    with open(path, "rb") as opened:
        found = loadmat(opened, squeeze_me=True, struct_as_record=True)
    say("group", "", {})
    for name, values in found.items():
        if not re.match("__(header|version|globals)__$", name):
            plain = isinstance(values, np.ndarray | np.generic | str | int | float | complex)
            unread = not plain or np.asarray(values).dtype.kind in "OV"
            say("unread", name, "a cell, structure or sparse matrix") if unread else say_array(name, values)


def main() -> None:
    """Read all files that are asked for."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the parent, which ends this process
    asked = json.loads(sys.stdin.readline())
    wanted = {"RLIMIT_AS": BASE + 2 * asked["memory"], "RLIMIT_CPU": asked["seconds"], "RLIMIT_CORE": 0}
    for name, limit in wanted.items():
        with contextlib.suppress(ValueError, OSError):  # of no effect on some systems
            resource.setrlimit(getattr(resource, name), (limit, resource.getrlimit(getattr(resource, name))[1]))
    for path, length, kind in asked["files"]:
        try:
            reader = read_matlab if kind == "matlab" else read_hdf5
            reader(path, length, asked["memory"], asked["netcdf"])
            say("end")
        except Refused as error:
            return say("refused", *error.args)
        except BrokenPipeError:
            return None
        except MemoryError:
            return say("broken", "it asks for more memory than it can need")
        except Exception as error:  # whatever a damaged file makes a library raise
            return say("broken", (str(error).splitlines() or [type(error).__name__])[0])
    return None


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")
    main()
    sys.stdout.flush()
