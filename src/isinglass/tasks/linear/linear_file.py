# SPDX-License-Identifier: Apache-2.0
"""Inputs and a target in a file: columns of a table, or arrays."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.inference import linear
from isinglass.tasks.linear.word_table import TEXT, word_columns

if TYPE_CHECKING:
    from isinglass.inference.linear.target_table import TargetTable

__all__ = ["LinearFile"]


@dataclass(frozen=True)
class LinearFile:
    """A column or array to be explained, and those that explain it, a row for each measurement."""

    file: Path
    """.csv, .txt with named columns, .npz, .h5, .nc, .mat."""
    target: str = ""
    """The column or array y [n]."""
    inputs: tuple[str, ...] = ()
    """Columns or arrays [n] or [n, p]; by default all others that are numbers, with a row for each y."""
    error: str = ""
    """The column of standard errors of y, where they are known."""

    def read(self) -> "tuple[TargetTable, dict[str, Any], dict[str, Any]]":
        """The table; no settings; what was read, for the record."""
        held, name = columns(self.file)
        shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items())[:300] or "none"
        if not self.target:
            raise InputError(f"the target, one of the columns of {name}", shown, "name it: target NAME")
        asked = [self.target, *self.inputs, *([self.error] if self.error else [])]
        if lacking := [key for key in asked if key not in held]:
            raise InputError(f"columns {', '.join(lacking)} in {name}", shown, "name columns that are there")
        if self.target in (*self.inputs, self.error) or (self.error and self.error in self.inputs):
            fix = "give each column one place"
            raise InputError("target, error and inputs that differ", f"{', '.join(asked)}", fix)
        y, error = held[self.target], held[self.error] if self.error else None
        if y.ndim != 1 and 1 not in y.shape:
            raise InputError(f"a target y [n] in {name}", f"{self.target} {list(y.shape)}", "name one of one axis")
        used, words = self.chosen(held, y.size)
        if not used:
            raise InputError(f"inputs with {y.size} rows of numbers in {name}", shown, "name them: inputs NAME NAME")
        flat = {key: held[key].reshape(len(held[key]), -1) for key in used}
        names = tuple(key if a.shape[1] == 1 else f"{key}_{i}" for key, a in flat.items() for i in range(a.shape[1]))
        table = linear.TargetTable(np.concatenate(list(flat.values()), axis=1), y.reshape(-1), names, error)
        read = f"{name}: {self.target} by {', '.join(used)}" + (f"; not used: {', '.join(words)}" if words else "")
        return table, {}, {"read": read}

    def chosen(self, held: dict[str, np.ndarray], n: int) -> tuple[list[str], list[str]]:
        """The inputs, and the columns that are none.  Errors: InputError for words, or another number of rows."""
        rest = list(self.inputs) or [key for key in held if key not in (self.target, self.error)]
        good = [key for key in rest if held[key].dtype.kind in "biuf" and len(held[key]) == n]
        odd = [key for key in rest if key not in good]
        if self.inputs and odd:
            found = ", ".join(f"{key} {list(held[key].shape)} of {held[key].dtype}" for key in odd)
            raise InputError(f"inputs of {n} rows of numbers", found, "leave these out, or give words as 0 and 1")
        return good, odd


def columns(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """The columns or arrays of a file, and its name."""
    if (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower() in TEXT:
        return word_columns(path), path.name
    table = data.table.tables([path])[0][0]
    return {key: a for key, a in table.arrays.items() if a.dtype.kind in "biufSU"}, table.name
