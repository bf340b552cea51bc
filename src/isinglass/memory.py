# SPDX-License-Identifier: Apache-2.0
"""What a problem needs and what the machine has, in bytes: estimated before anything is allocated."""

import os
from pathlib import Path

from isinglass.errors import InputError

__all__ = ["available_memory", "in_bytes", "machine_memory", "require_memory"]

LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # of a container


def machine_memory() -> int:
    """Bytes of the machine, or of the container that this process runs in."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in map(Path, LIMITS):
        text = path.read_text().strip() if path.is_file() else ""
        found += [int(text)] if text.isdecimal() else []
    return min(found)


def available_memory() -> int:
    """Bytes that can be had now without swapping; half of the machine's where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = [int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable")]
        used = int(Path("/sys/fs/cgroup/memory.current").read_text()) if Path(LIMITS[0]).is_file() else 0
    except (OSError, ValueError):  # another system than Linux
        free, used = [], 0
    return min([*(free or [machine_memory() // 2]), max(machine_memory() - used, 0)])


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
