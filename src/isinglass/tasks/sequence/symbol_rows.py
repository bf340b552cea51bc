# SPDX-License-Identifier: Apache-2.0
"""Sequences of symbols: from a file, as numbers 0 ... k-1, cut into windows, split into sides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.tasks.energy.discrete_rows import RowsFile

__all__ = ["SymbolRows", "SymbolsFile", "Windows", "checked_symbols", "split_windows"]

FEWEST = 40  # windows
KINDS = 256
LONGEST_TEXT = 2**28  # characters


@dataclass(frozen=True)
class SymbolsFile:
    """Symbols in a file: one sequence, or a row for each of many."""

    file: Path
    """.npy, .npz, .h5, .nc, .mat, .csv: an array [symbol] or [row, symbol] of whole numbers; .txt with text."""
    array: str = ""
    """Name of the array, where the file holds several."""
    text: bool = False
    """Every character of the file is a symbol."""

    def read(self) -> tuple[np.ndarray, dict[str, Any], dict[str, Any]]:
        """The symbols; no settings; what was read, for the record."""
        if self.text:
            if not self.file.is_file() or self.file.stat().st_size > LONGEST_TEXT:
                raise InputError(f"a file of at most {LONGEST_TEXT} characters", str(self.file), "give its path")
            try:
                x = np.array(list(self.file.read_text(encoding="utf-8")))
            except UnicodeDecodeError:
                raise InputError("text in UTF-8", self.file.name, "leave text out for a file of numbers") from None
            return x, {}, {"read": f"{self.file.name}: {len(x)} characters"}
        x, _, told = RowsFile(self.file, self.array).read() if not self.of_one_axis() else self.single()
        return x, {}, told

    def of_one_axis(self) -> bool:
        """Is there one array, of one axis?"""
        held = data.table.tables([self.file])[0][0].arrays
        return len(held) == 1 and next(iter(held.values())).ndim == 1

    def single(self) -> tuple[np.ndarray, dict[str, Any], dict[str, Any]]:
        """That array."""
        table = data.table.tables([self.file])[0][0]
        ((name, x),) = table.arrays.items()
        return x, {}, {"read": f"{table.name}: {name} {list(x.shape)}"}


class SymbolRows(NamedTuple):
    """Windows [n, N] of numbers 0 ... k-1."""

    x: np.ndarray
    kinds: list[str]  # what each number is
    ordered: bool  # windows of one sequence, in its order; else rows that are independent


class Windows(NamedTuple):
    """Of each side."""

    trained: np.ndarray
    validated: np.ndarray
    held: np.ndarray


def checked_symbols(given: Any, context: int) -> SymbolRows:
    """One sequence is cut into windows of `context` symbols; rows are windows themselves, the rest of longer ones cut.

    Errors: InputError for numbers that are not whole, one symbol alone, more than 256 kinds, few windows.
    """
    letters = np.asarray(given).dtype.kind in "US" if isinstance(given, list | np.ndarray) else False
    x = np.asarray(given) if letters else data.as_array(given, "symbols")
    if x.ndim not in (1, 2) or not x.size:
        fix = "give one sequence, or one a row"
        raise InputError("symbols [T], or rows of them [n, N]", f"shape {list(x.shape)}", fix)
    if x.dtype.kind == "f" and not (np.isfinite(x).all() and (x == np.round(x)).all()):
        raise InputError("symbols: whole numbers or characters", "real numbers", "sort them into bins: np.digitize")
    if x.dtype.kind not in "biufUS":
        raise InputError("symbols: whole numbers or characters", f"{x.dtype}", "give one number for each symbol")
    kinds, number = np.unique(x, return_inverse=True)
    if not 2 <= len(kinds) <= KINDS:  # noqa: PLR2004
        raise InputError(f"2 to {KINDS} kinds of symbols", f"{len(kinds)}", "merge rare ones, or give others")
    number = number.reshape(x.shape).astype(np.int32)
    ordered = number.ndim == 1
    if ordered:
        number = number[: len(number) // context * context].reshape(-1, context)
    else:
        number = number[:, :context]
    if len(number) < FEWEST or number.shape[1] < 2:  # noqa: PLR2004
        found = f"{len(number)} of {number.shape[1]} symbols"
        raise InputError(f"{FEWEST} windows or more, of 2 symbols or more", found, "give more, or a shorter context")
    return SymbolRows(number, [str(kind) for kind in kinds], ordered)


def split_windows(rng: np.random.Generator, rows: SymbolRows, held_out: float) -> Windows:
    """The end of one sequence is held out, and what is before it validates; of rows, any.

    Errors: InputError for shares of 0.9 and more.
    """
    if not held_out < 0.9:  # noqa: PLR2004
        raise InputError("held_out between 0 and 0.9", f"{held_out:g}", "try held_out=0.25")
    n = len(rows.x)
    order = np.arange(n) if rows.ordered else rng.permutation(n)
    held = max(int(held_out * n), 8)
    validated = max((n - held) // 8, 4)
    first, second = n - held - validated, n - held
    return Windows(*(rows.x[order[part]] for part in (slice(first), slice(first, second), slice(second, None))))
