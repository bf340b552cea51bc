# SPDX-License-Identifier: Apache-2.0
"""Rows of text as arrays: numbers between blanks, commas, semicolons or tabs, or one sign a site (0110, +--+).

Read line by line, so that memory is bounded by what is kept; columns of words are left out.
"""

import csv
import gzip
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.errors import InputError
from isinglass.memory import available_memory, in_bytes
from isinglass.run.input.regular_file import file_size

__all__ = ["is_number", "lines_of", "text_arrays", "words"]

SITE = re.compile(r"^([A-Za-z]*)[ _\[(]*\d+(?:[ _,]+\d+)*[\])]?$")  # s0, spin_12, x[3], 7, s_1_2
FEWEST_SITES = 4
LONGEST = 2**26  # characters of a line
LONGEST_WORD = 2**17  # that csv reads
EXPANSION = 8  # bytes of memory that a character of a table may cost: a number of 8 bytes, twice, for "1 "
RUDY = (r"\d+\s+\d+(\s+[A-Za-z]*)?", r"\d+\s+\d+\s+[-+.\deE]+")  # sites and bonds, then i j w
COMMENTS = ("#", "%", "//")


def text_arrays(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Columns by name where there is a header, those of sites together; else all rows by the name of the file.

    Also why columns were left out, by name.  Errors: InputError where it is too large, ValueError where it is no table.
    """
    try:
        return read_text(path, gaps=False)
    except InputError:
        raise
    except ValueError as error:
        if "could not convert" not in str(error):
            raise
    return read_text(path, gaps=True)


def read_text(path: Path, *, gaps: bool) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """As `text_arrays`.  `gaps`: word by word, which is slow; columns with words that are no numbers are left out."""
    packed = path.suffix.lower() == ".gz"
    size = file_size(path)
    name = path.name.split(".")[0] if packed else path.stem
    with gzip.open(path, "rb") if packed else open(path, "rb") as raw:
        text = io.TextIOWrapper(raw, encoding=encoding(raw))
        above: list[str] = []
        lines = rows_of(text, path, 0 if packed else size, above)
        head = list(itertools.islice(lines, 2))
        if not head:
            raise ValueError("no rows")
        if all(re.fullmatch(r"[01]{2,}|[+-]{2,}", line) for line in head):
            return {name: signs(itertools.chain(head, lines))}, {}
        if all(re.fullmatch(pattern, line) for pattern, line in zip(RUDY, head, strict=False)) and len(head) == 2:
            fix = f"read them: isinglass.data.read_couplings, or isinglass sample couplings, path {path.name}"
            raise InputError("configurations", f"couplings i j w in {path}", fix)
        return table([*named_above(above, head[0]), *head], lines, name, gaps=gaps)


def lines_of(path: Path) -> list[str]:
    """The lines that are no comment; the last comment before them first, where it names the columns."""
    packed = path.suffix.lower() == ".gz"
    size = file_size(path)
    with gzip.open(path, "rb") if packed else open(path, "rb") as raw:
        above: list[str] = []
        with io.TextIOWrapper(raw, encoding=encoding(raw)) as text:
            lines = list(rows_of(text, path, 0 if packed else size, above))
    return [*named_above(above, lines[0]), *lines] if lines else []


def encoding(raw: Any) -> str:
    """UTF-8, or UTF-16 where a byte order mark says so, as Windows writes."""
    mark = raw.read(2)
    raw.seek(0)
    return "utf-16" if mark in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"


def rows_of(text: io.TextIOWrapper, path: Path, size: int, above: list[str]) -> Iterator[str]:
    """The lines that are no comment, of `size` bytes, 0 if unknown; `above` gets the last comment before them.

    Errors: InputError where their table would not fit in memory.
    """
    limit, count, line, begun = available_memory() // EXPANSION, 0, "", False
    while max(size, count) <= limit and (line := text.readline(LONGEST)):
        count += len(line)
        if len(line) == LONGEST:
            raise ValueError(f"a line of more than {LONGEST} characters")
        if (line := line.strip()) and not line.startswith(COMMENTS):
            begun = True
            yield line
        elif line and not begun and len(line) < LONGEST_WORD:
            above[:] = [line.lstrip("#%/ ")]
    if max(size, count) > limit:
        found = f"{in_bytes(size) if size else f'more than {in_bytes(limit)}'} in {path}"
        raise InputError(f"a table of text of at most {in_bytes(limit)}", found, "store it as .npz")


def named_above(above: list[str], row: str) -> list[str]:
    """The comment above rows of numbers, where it has a word for each column, as `numpy.savetxt` writes names."""
    mark = next((m for m in (";", "\t", ",") if m in row), None)
    if not above or not all(map(is_number, numbers := words(row, mark, ""))):
        return []
    names = words(above[-1], mark, "")
    return above if len(names) == len(numbers) > 1 and not any(map(is_number, names)) else []


def table(
    head: list[str], lines: Iterator[str], name: str, *, gaps: bool
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Numbers in columns, below a header where the first line is of other words than the second."""
    mark = next((m for m in (";", "\t", ",") if m in head[-1]), None)
    tail = mark if mark and all(line.endswith(mark) for line in head) else ""
    first, second = (words(line, mark, tail) for line in (head[0], head[-1]))
    numbers = [i for i, word in enumerate(second) if is_number(word)]
    above = [i for i, word in enumerate(first) if is_number(word)]
    named = len(above) < len(first) and above != numbers
    if not numbers or (named and len(head) == 1):
        row = f"no column of numbers: its second row is of words, {ascii(', '.join(second))[:60]}"
        raise ValueError(row if len(head) > 1 else "no rows of numbers below the header")
    if len(first) != len(second) and not named:
        raise ValueError("rows of different lengths")
    body = (plain(line, mark, tail) for line in itertools.chain(head[named:], lines))
    if gaps and named and len(first) == len(second):
        values = np.loadtxt(body, delimiter=mark, ndmin=2, quotechar='"', comments=None, converters=number_or_nan)
        return whole_columns(first, values, name)
    used = None if len(numbers) == len(second) else numbers
    values = np.loadtxt(body, delimiter=mark, usecols=used, ndmin=2, quotechar='"', comments=None)
    if named and len(first) == len(second):
        unread = {word: "text" for i, word in enumerate(first) if i not in numbers and word}
        return by_column([first[i] for i in numbers], values, name), unread
    return unnamed(values, name), {}


def whole_columns(header: list[str], values: np.ndarray, name: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The columns without a gap, and why the others were left out."""
    missing = np.isnan(values).sum(axis=0)
    why = lambda k: "text" if k == len(values) else f"no number in {k} of {len(values)} rows"  # noqa: E731
    unread = {word: why(k) for word, k in zip(header, missing, strict=True) if k and word}
    whole = [i for i, k in enumerate(missing) if not k]
    if not whole:
        raise ValueError("no column of numbers alone")
    return by_column([header[i] for i in whole], values[:, whole], name), unread


def number_or_nan(word: str) -> float:
    """The number that a word is, NaN for any other."""
    return float(word) if is_number(word) else np.nan


def plain(line: str, mark: str | None, tail: str) -> str:
    """A line without the mark at its end; decimal commas as points, where another mark stands between the columns."""
    line = line.removesuffix(tail)
    return line.replace(",", ".") if mark in (";", "\t") and "." not in line else line


def signs(lines: Iterable[str]) -> np.ndarray:
    """One spin a character."""
    rows = [line.encode() for line in lines]
    if len({len(row) for row in rows}) != 1:
        raise ValueError("rows of different lengths")
    bits = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)
    if not np.isin(bits, np.frombuffer(b"01+-", np.uint8)).all():
        raise ValueError("other signs than 0 and 1, or + and -")
    return np.isin(bits, np.frombuffer(b"1+", np.uint8)).astype(np.int8)


def words(line: str, mark: str | None, tail: str) -> list[str]:
    """The words of a line; a mark at the end of every line is no empty column."""
    if mark is None:
        return [word.strip('"') for word in line.split()]
    return [word.strip() for word in next(csv.reader([plain(line, mark, tail)], delimiter=mark))]


def is_number(word: str) -> bool:
    """Whether it is one."""
    try:
        float(word.replace("_", "x"))
    except ValueError:
        return False
    return True


def unnamed(values: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Rows without a header: one column is one number a row; a first or last one unlike the rest is a parameter.

    A first column that counts the rows is left out.
    """
    n = len(values)
    if values.shape[1] > 4 and n > 4 and any(np.array_equal(values[:, 0], np.arange(n) + k) for k in (0, 1)):
        values = values[:, 1:]
    if values.shape[1] == 1:
        return {name: values[:, 0]}
    for at, rest in ((0, values[:, 1:]), (-1, values[:, :-1])):
        few = np.unique(rest[:1000])
        if values.shape[1] > 4 and len(few) <= 16 and not np.isin(values[:, at], np.unique(rest)).all():
            return {"configurations": rest, f"column_{at % values.shape[1]}": values[:, at]}
    return {name: values}


def by_column(header: list[str], values: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Named columns by their names; those that differ by numbers alone (s0, s1, ...) are sites of one array."""
    found = {i: match[1] for i, word in enumerate(header) if (match := SITE.match(word))}
    most = max(found.values(), key=list(found.values()).count, default="")
    sites = [i for i, letters in found.items() if letters == most]
    if len(sites) < FEWEST_SITES or 2 * len(sites) < len(header):
        sites = []
    out = {word: values[:, i] for i, word in enumerate(header) if i not in sites and word}
    return out | ({"configurations": values[:, sites]} if sites else {})
