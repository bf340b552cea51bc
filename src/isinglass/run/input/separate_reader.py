# SPDX-License-Identifier: Apache-2.0
"""HDF5 and MATLAB files through a second process, which ends at a limit of time or memory, at Ctrl-C, or in a crash.

Only these go the long way (0.2 s a call, for any number of files): their libraries are C, and two changed bytes make
libhdf5 loop for ever.  NumPy and text files are read by Python itself, which Ctrl-C ends, after a look at their length.
"""

import json
import math
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.memory import available_memory
from isinglass.run.input.reader_process import ALLOWANCE, DEEPEST
from isinglass.run.input.regular_file import file_size

__all__ = ["StoredGroup", "is_hdf5", "read_separately"]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
SECONDS = 5.0  # of processor time for a small file
RATE = 1e6  # bytes a second that a larger one is given
LONGEST_LINE = 2**28


@dataclass
class StoredGroup:
    """The arrays of a group, with what netCDF says of them where it is asked for."""

    name: str  # path in the file, "" for the whole
    constants: dict[str, Any]  # attributes of the group
    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    dims: dict[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: dict[str, dict[str, Any]] = field(default_factory=dict)  # of each array
    unread: dict[str, str] = field(default_factory=dict)  # name and why


def is_hdf5(path: Path) -> bool:
    """Whether the signature of HDF5 stands at 0, 512, 1024, 2048, ... bytes."""
    at, size = 0, file_size(path)
    with open(path, "rb") as opened:
        while at + 8 <= size:
            opened.seek(at)
            if opened.read(8) == SIGNATURE:
                return True
            at = max(512, 2 * at)
    return False


def read_separately(paths: Sequence[Path], *, netcdf: bool = False) -> list[list[StoredGroup]]:
    """The groups of each file, the whole first.

    Errors: InputError, one line, for a file that is damaged, claims more than it can hold, lies in part in others, or
    does not end; OSError where no process can be started.
    """
    if not paths:
        return []
    sizes = [file_size(path) for path in paths]
    memory = min(available_memory(), ALLOWANCE + DEEPEST * max(sizes))
    seconds = math.ceil(SECONDS + sum(sizes) / RATE)
    kinds = ["hdf5" if is_hdf5(path) or path.suffix.lower() != ".mat" else "matlab" for path in paths]
    files = [[str(path), size, kind] for path, size, kind in zip(paths, sizes, kinds, strict=True)]
    asked = {"files": files, "memory": memory, "seconds": seconds, "netcdf": netcdf}
    command = [sys.executable, "-P", str(Path(__file__).with_name("reader_process.py"))]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, **pipes) as child:
        clock = threading.Timer(60 + 10 * seconds, child.kill)  # for one that waits instead of computing
        clock.daemon = True  # no Ctrl-C, whenever it comes, leaves us waiting for it
        try:
            clock.start()
            assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018
            child.stdin.write(json.dumps(asked).encode() + b"\n")
            child.stdin.flush()
            return [groups_of(path, child.stdout, memory) for path in paths]
        except (EOFError, BrokenPipeError):
            raise ended(paths, child.wait(), seconds) from None
        finally:
            clock.cancel()
            child.kill()
            child.wait()


def groups_of(path: Path, stream: Any, memory: int) -> list[StoredGroup]:
    """What the other process says of one file.  Errors: InputError as it says; EOFError where it has ended."""
    found: list[StoredGroup] = []
    while True:
        line = stream.readline(LONGEST_LINE)
        if not line.endswith(b"\n"):
            raise EOFError
        match json.loads(line):
            case ["end"]:
                return found
            case ["group", name, constants]:
                found.append(StoredGroup(name, constants))
            case ["array", name, dtype, shape, dims, attributes]:
                memory -= math.prod(shape) * np.dtype(dtype).itemsize
                add(found[-1], name, received(stream, dtype, shape, memory), dims, attributes)
            case ["text", name, words, shape, dims, attributes]:
                add(found[-1], name, np.array(words, dtype=str).reshape(shape), dims, attributes)
            case ["unread", name, why]:
                found[-1].unread[name] = why
            case ["refused", expected, what, fix]:
                raise InputError(expected, f"{what}, in {path}", fix)
            case [_, *reason]:
                raise damaged(path, " ".join(map(str, reason)))


def add(group: StoredGroup, name: str, array: np.ndarray, dims: list[str], attributes: dict[str, Any]) -> None:
    """Keep an array under its name."""
    group.arrays[name], group.dims[name], group.attributes[name] = array, tuple(dims), attributes


def received(stream: Any, dtype: str, shape: list[int], memory: int) -> np.ndarray:
    """The next array.  Errors: EOFError where it is cut short."""
    if memory < 0:
        raise EOFError
    array = np.empty(shape, dtype)
    view, at = array.reshape(-1).view(np.uint8).data, 0
    while at < len(view):
        if not (got := stream.readinto(view[at:])):
            raise EOFError
        at += got
    return array


def ended(paths: Sequence[Path], code: int, seconds: int) -> InputError:
    """Why the other process gave no answer."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return damaged(paths[0], f"reading it does not end within {seconds} s")
    return damaged(paths[0], f"the library that reads it ends with signal {-code}" if code < 0 else "no answer")


def damaged(path: Path, reason: str) -> InputError:
    """The line for a file that a library cannot read."""
    found = f"one that cannot be read ({reason[:200]})"
    return InputError(f"a whole {path.suffix} file at {path}", found, "write or copy it again, uncompressed if need be")
