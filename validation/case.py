# SPDX-License-Identifier: Apache-2.0
"""A case: a file, the value that is known of it from elsewhere, and how it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Case", "Measured", "files", "judged"]

SIGMAS = 3.0  # errors by which a value that passed may be off: one in 370 by chance


@dataclass(frozen=True)
class Measured:
    """What came out."""

    value: float | None  # None: no value was given
    error: float | None
    verdict: str  # pass, fail, unknown, or asked: the file was not read without a word of the user
    said: str = ""  # how the file was read, or why nothing came out


@dataclass(frozen=True)
class Case:
    """One line of the table."""

    kind: str
    file: Path
    expected: float | None  # None: there is no such value, and none may pass
    source: str  # of `expected`
    measure: Callable[[Path, str], Measured]  # (file, preset)
    bound: bool = False  # no measured value may lie below `expected`, which one may fail to reach
    tolerance: float = 0.0  # of a value without error, or on top of the error: what `expected` is known to


def files(roots: list[Path], pattern: str) -> list[Path]:
    """The files below the folders, each once, by name; `pattern` is of the last two parts, as in phases/*.npz."""
    found = {path.resolve(): path for root in roots for path in root.glob(f"**/{pattern}") if path.is_file()}
    return sorted(found.values(), key=lambda path: (path.parent.name, path.name))


def judged(case: Case, found: Measured) -> str:
    """right: as known.  open: not shown, and the verdict says so.  wrong: a `pass` that is not earned."""
    if case.expected is None or found.value is None:
        shown = found.value is not None and found.verdict == "pass"
        return "wrong" if shown else "right" if case.expected is None else "open"
    off = found.value - case.expected
    if case.bound:
        above = "wrong" if found.verdict == "pass" else "open"
        return "wrong" if off < -case.tolerance else "right" if off <= case.tolerance else above
    within = abs(off) <= SIGMAS * (found.error or 0.0) + case.tolerance
    return ("right" if within else "wrong") if found.verdict == "pass" else "open"
