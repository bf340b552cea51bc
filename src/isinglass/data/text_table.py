# SPDX-License-Identifier: Apache-2.0
"""Rows of text as arrays: numbers between blanks, commas, semicolons or tabs, or one sign a site (0110, +--+)."""

import gzip
import io
import re
from pathlib import Path

import numpy as np

__all__ = ["text_arrays"]

SITE = re.compile(r"^[A-Za-z]*[ _\[(]*\d+(?:[ _,]+\d+)*[\])]?$")  # s0, spin_12, x[3], 7, s_1_2


def text_arrays(path: Path) -> dict[str, np.ndarray]:
    """Columns by name where there is a header, those of sites together; else all rows by the name of the file."""
    raw = gzip.decompress(path.read_bytes()) if path.suffix.lower() == ".gz" else path.read_bytes()
    lines = [line.strip() for line in raw.decode("utf-8-sig").splitlines()]
    lines = [line for line in lines if line and not line.startswith(("#", "%", "//"))]
    if not lines:
        raise ValueError("no rows")
    name = path.name.split(".")[0] if path.suffix.lower() == ".gz" else path.stem
    if all(re.fullmatch(r"[01]{2,}|[+-]{2,}", line) for line in lines):
        return {name: signs(lines)}
    mark = next((m for m in (",", ";", "\t") if m in lines[-1]), None)
    header = words(lines[0], mark)
    named = any(not is_number(word) for word in header)
    rows = [words(line, mark) for line in lines[named:]]
    if not rows or {len(row) for row in rows} != {len(rows[0])}:
        raise ValueError("rows of different lengths" if rows else "no rows below the header")
    body = io.StringIO("\n".join(" ".join(row) for row in rows))
    values = np.loadtxt(body, dtype=float, ndmin=2)
    return by_column(header, values, name) if named and len(header) == values.shape[1] else unnamed(values, name)


def signs(lines: list[str]) -> np.ndarray:
    """One spin a character."""
    if len({len(line) for line in lines}) != 1:
        raise ValueError("rows of different lengths")
    bits = np.array([list(line.encode()) for line in lines], np.uint8)
    return np.isin(bits, [ord("1"), ord("+")]).astype(np.int8)


def words(line: str, mark: str | None) -> list[str]:
    """The words of a line; a mark at its end is no empty column."""
    return [word.strip().strip('"') for word in (line.rstrip(mark).split(mark) if mark else line.split())]


def is_number(word: str) -> bool:
    """Whether it is one."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def unnamed(values: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Rows without a header: one column is one number a row; a first or last one unlike the rest is a parameter."""
    if values.shape[1] == 1:
        return {name: values[:, 0]}
    for at, rest in ((0, values[:, 1:]), (-1, values[:, :-1])):
        few = np.unique(rest[:1000])
        if values.shape[1] > 4 and len(few) <= 16 and not np.isin(values[:, at], np.unique(rest)).all():
            return {"configurations": rest, f"column_{at % values.shape[1]}": values[:, at]}
    return {name: values}


def by_column(header: list[str], values: np.ndarray, name: str) -> dict[str, np.ndarray]:
    """Named columns by their names; numbered ones (s0, s1, ...) are sites of one array."""
    sites = [i for i, word in enumerate(header) if SITE.match(word)]
    if len(sites) < 4:
        sites = []
    out = {word: values[:, i] for i, word in enumerate(header) if i not in sites and word}
    return out | ({"configurations": values[:, sites]} if sites else {})
