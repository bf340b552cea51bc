# SPDX-License-Identifier: Apache-2.0
"""A data matrix in a file: one array, or the columns of a table."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass.errors import InputError
from isinglass.inference import spectrum
from isinglass.tasks.linear.linear_file import columns

if TYPE_CHECKING:
    from isinglass.inference.spectrum.data_matrix import DataMatrix

__all__ = ["SpectrumFile"]


@dataclass(frozen=True)
class SpectrumFile:
    """A row for each measurement, a column for each quantity."""

    file: Path
    """.npy, .npz, .h5, .nc, .mat with an array [n, p]; .csv, .txt with named columns."""
    matrix: str = ""
    """Name of the array, where the file holds several."""
    leave_out: tuple[str, ...] = ()
    """Columns of a table that are no data: numbers of rows, times, labels."""
    transpose: bool = False
    """Measurements are the columns of the array."""

    def read(self) -> "tuple[DataMatrix, dict[str, Any], dict[str, Any]]":
        """The matrix; no settings; what was read, for the record."""
        held, name = columns(self.file)
        shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items())[:300] or "none"
        if lacking := [key for key in (*self.leave_out, *([self.matrix] if self.matrix else [])) if key not in held]:
            raise InputError(f"columns or arrays {', '.join(lacking)} in {name}", shown, "name what is there")
        if self.leave_out and self.matrix:
            raise InputError("columns to leave out of a table", f"the array {self.matrix}", "give one of them")
        kept = {key: a for key, a in held.items() if key not in self.leave_out}
        if not self.matrix and len(kept) > 1 and all(a.ndim == 1 for a in kept.values()):
            X, said = table(kept, name), f"{len(kept)} columns"
        else:
            keys = [self.matrix] if self.matrix else [key for key, a in kept.items() if a.ndim == 2]  # noqa: PLR2004
            if len(keys) != 1:
                raise InputError(f"one array [n, p] in {name}", shown, "name it: matrix NAME")
            X, said = held[keys[0]], keys[0]
        X = X.T if self.transpose else X
        return spectrum.DataMatrix(X), {}, {"read": f"{name}: {said} {list(X.shape)}"}


def table(kept: dict[str, np.ndarray], name: str) -> np.ndarray:
    """The columns side by side.  Errors: InputError for words, and for unequal lengths."""
    if words := [key for key, a in kept.items() if a.dtype.kind not in "biuf"]:
        found = f"words in {', '.join(words)[:200]}"
        raise InputError(f"columns of numbers in {name}", found, f"leave them out: leave_out {' '.join(words)[:200]}")
    if len({len(a) for a in kept.values()}) > 1:
        found = ", ".join(f"{key} [{len(a)}]" for key, a in kept.items())[:200]
        raise InputError(f"one array [n, p] in {name}", found, "name it: matrix NAME")
    return np.stack(list(kept.values()), axis=1)
