# SPDX-License-Identifier: Apache-2.0
"""What a problem needs and what the machine has, in bytes: estimated before anything is allocated."""

import os
from pathlib import Path

from isinglass.errors import InputError

__all__ = ["machine_memory", "require_memory"]

LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container


def machine_memory() -> int:
    """Bytes of the machine, or of the container that this process runs in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(Path, LIMITS):
        text = path.read_text().strip() if path.is_file() else ""
        found += [int(text)] if text.isdecimal() else []
    return min(found)


def require_memory(what: str, n_bytes: float, found: str, fix: str = "choose fewer or smaller ones") -> None:
    """Errors: InputError where `what` needs more bytes than there are; `found`: what was asked for, in words."""
    have = machine_memory()
    if n_bytes > have:
        raise InputError(f"{what} within the memory of {in_bytes(have)}", f"{found}: {in_bytes(n_bytes)}", fix)


def in_bytes(n: float) -> str:
    """3.2 GB, 1.5 TB; powers of ten."""
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n = n / 1000
    return f"{n:.3g} EB"
