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
def locked(folder: Path, what: str = "a run directory", fix: str = "choose another --out") -> Iterator[None]:
    """A context in which no other process holds the lock of the folder, which is created if it is not there.

    `what` and `fix`: the words for the folder, and for what else to do.  On a file system without locks there is none.
    Errors: InputError, with the number of the process that holds it.
    """
    handle = acquired(folder, what, fix)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / "lock").unlink()
        os.close(handle)


def acquired(folder: Path, what: str, fix: str) -> int:
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
            found = f"that process {process} works in {folder}"
            fix = f"wait until it has ended, or {fix}"
            raise InputError(f"{what} that no other process works in", found, fix) from None
        except OSError:
            return handle
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), os.stat(folder / "lock")):
                os.ftruncate(handle, 0)
                os.write(handle, f"{os.getpid()}\n".encode())
                return handle
        os.close(handle)
