# SPDX-License-Identifier: Apache-2.0
"""One process for one folder: an advisory lock that ends with its process, however that ends."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from isinglass.errors import InputError

__all__ = ["locked"]


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """A context in which no other process holds the lock of the folder, which is created if it is not there.

    On a file system without locks there is none.  Errors: InputError, with the number of the process that holds it.
    """
    handle = acquired(folder)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / "lock").unlink()
        os.close(handle)


def acquired(folder: Path) -> int:
    """The open file of the lock, which is still the one in the folder."""
    while True:
        folder.mkdir(exist_ok=True)
        try:
            handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o644)
        except FileNotFoundError:  # its run has ended just now
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = os.read(handle, 20).decode(errors="replace").strip() or "another"
            os.close(handle)
            found, fix = f"that process {process} works in {folder}", "wait until it has ended, or choose another --out"
            raise InputError("a run directory that no other process works in", found, fix) from None
        except OSError:
            return handle
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(folder / "lock")):
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
                return handle
        os.close(handle)
