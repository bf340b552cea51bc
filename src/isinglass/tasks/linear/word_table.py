# SPDX-License-Identifier: Apache-2.0
"""A table of text with a header, column by column: numbers with NaN for gaps, or words."""

from pathlib import Path

import numpy as np

from isinglass.data.text_table import is_number, lines_of, words
from isinglass.errors import InputError

__all__ = ["TEXT", "word_columns"]

TEXT = (".csv", ".txt", ".tsv", ".dat")
GAPS = ("", "-", "na", "n/a", "nan", "none", "null", "?")


def word_columns(path: Path) -> dict[str, np.ndarray]:
    """Every column by its name, or column_0, column_1, ... where the first line is of numbers.

    A column of which each entry is a number or a gap is one of numbers, gaps as NaN; any other is one of words.
    Errors: InputError for rows of different lengths, names that stand twice, or a file that is no text.
    """
    try:
        lines = lines_of(path)
    except UnicodeDecodeError:
        raise InputError(f"a table of text in {path}", "bytes that are none", "store it as UTF-8") from None
    if len(lines) < 2:
        raise InputError(f"a header and rows in {path}", f"{len(lines)} lines", "write rows below a header")
    mark = next((m for m in (";", "\t", ",") if m in lines[1]), None)
    tail = mark if mark and all(line.endswith(mark) for line in lines) else ""
    rows = [words(line, mark, tail) for line in lines]
    if any(odd := [i for i, row in enumerate(rows) if len(row) != len(rows[0])]):
        found = f"{len(rows[odd[0]])} in row {odd[0] + 1}"
        raise InputError(f"{len(rows[0])} entries in each row of {path}", found, "write rows of equal length")
    plain = all(map(is_number, rows[0]))
    names = [f"column_{i}" for i in range(len(rows[0]))] if plain else rows[0]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"different names of columns in {path}", ", ".join(map(repr, twice)), "rename them")
    return {name: typed(column) for name, column in zip(names, zip(*rows[not plain :], strict=True), strict=True)}


def typed(column: tuple[str, ...]) -> np.ndarray:
    """Numbers with NaN for gaps, or words."""
    missing = [word.lower() in GAPS for word in column]
    if all(missing) or not all(gap or is_number(word) for gap, word in zip(missing, column, strict=True)):
        return np.array(["" if gap else word for gap, word in zip(missing, column, strict=True)])
    return np.array([np.nan if gap else float(word) for gap, word in zip(missing, column, strict=True)])
