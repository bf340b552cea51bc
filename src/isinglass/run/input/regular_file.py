# SPDX-License-Identifier: Apache-2.0
"""What is looked at before a file is opened: that it is one, and how long it is."""

import os
import stat
from pathlib import Path

from isinglass.errors import InputError
from isinglass.memory import available_memory, in_bytes

__all__ = ["file_size"]

KINDS = {
    stat.S_IFIFO: "a named pipe (FIFO)",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def file_size(path: str | Path, what: str = "a data file") -> int:
    """The length in bytes of a file that can be read to its end and fits in memory.

    Errors: InputError for what is missing, empty (as what a system only pretends to store), no regular file (a pipe or
    a device has no end), unreadable, or too large.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        missing = isinstance(error, FileNotFoundError)
        reason = "a link to nowhere" if missing and os.path.islink(path) else "no such file" if missing else reason
        raise InputError(f"{what} at {path}", reason.lower(), "check the path") from None
    if stat.S_ISDIR(found.st_mode):
        raise InputError(f"{what} at {path}", "a folder", "name its files, as in FOLDER/*")
    if not stat.S_ISREG(found.st_mode):
        kind = KINDS.get(stat.S_IFMT(found.st_mode), "no regular file")
        raise InputError(f"{what} at {path}", kind, "copy what comes out of it to a file first")
    if not os.access(path, os.R_OK):
        raise InputError(f"a readable file at {path}", "no permission", f"allow it: chmod u+r {path}")
    if not found.st_size:
        raise InputError(f"{what} at {path}", "an empty file", "write it again, or choose another")
    if found.st_size > (memory := available_memory()):
        limit = f"{what} of at most {in_bytes(memory)}, the memory that is free"
        raise InputError(limit, f"{in_bytes(found.st_size)} in {path}", "take a part of it")
    return found.st_size
