# SPDX-License-Identifier: Apache-2.0
"""Rows and labels in a file."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.inference import detection

if TYPE_CHECKING:
    from isinglass.inference.detection.labelled import Labelled

__all__ = ["DetectionFile"]

LABELS = ("y", "label", "labels", "target", "targets", "class", "signal", "is_signal", "truth")
DATA = ("x", "data", "features", "inputs", "strain", "images")


@dataclass(frozen=True)
class DetectionFile:
    """Rows x [n, ...] and a label for each, of two values; the larger one is the signal."""

    file: Path
    """.npz, .h5, .nc, .mat, or .csv and .txt with named columns."""
    label: str | None = None
    """Name of the labels; by default y, label, target, class or signal."""
    data: tuple[str, ...] = ()
    """Names of the data: of one array, or of columns; by default x or data, or all other columns."""
    chain: str | None = None
    """Name of a number for each row that is equal for rows that are not independent."""
    log_ratio: str | None = None
    """Name of ln p(x given signal)/p(x given background) for each row, where it is known."""

    def read(self) -> "tuple[Labelled, dict[str, Any], dict[str, Any]]":
        """The rows with their labels; no settings; what was read, for the record."""
        table = data.table.tables([self.file])[0][0]
        held = {key: a for key, a in table.arrays.items() if a.dtype.kind in "biuf"}
        others = [f"{key} ({a.dtype}: no real numbers)" for key, a in table.arrays.items() if key not in held]
        shown = ", ".join([*(f"{key} {list(a.shape)}" for key, a in held.items()), *others]) or "none"
        asked = [key for key in (self.label, self.chain, self.log_ratio, *self.data) if key is not None]
        if lacking := [key for key in asked if key not in held]:
            raise InputError(f"arrays {', '.join(lacking)} in {table.name}", shown, "name arrays that are there")
        label = self.label or next((key for key in held if key.lower() in LABELS and held[key].ndim == 1), None)
        if label is None:
            raise InputError(f"labels in {table.name}", shown, "name them: label='NAME'")
        rest = {key: a for key, a in held.items() if key not in (label, self.chain, self.log_ratio)}
        x, names = columns(rest, self.data, table.name, shown)
        extra = {key: held[name] for key in ("chain", "log_ratio") if (name := getattr(self, key)) is not None}
        read = f"{table.name}: {', '.join(names[:6])}{', ...' if len(names) > 6 else ''} {list(x.shape)}, label {label}"
        return detection.Labelled(x, held[label], names=named(x, names), **extra), {}, {"read": read}


def columns(held: dict[str, np.ndarray], asked: tuple[str, ...], name: str, shown: str) -> tuple[np.ndarray, list[str]]:
    """The array, or the columns side by side, that are named, or that bear a usual name, or all that is left."""
    names = list(asked) or [key for key in held if key.lower() in DATA][:1]
    large = [key for key, a in held.items() if a.ndim > 1]
    if not names and len(large) == 1:
        names = large
    if not names and held and not large:
        names = list(held)
    if not names:
        raise InputError(f"an array of data in {name}", shown, "name it: data='NAME'")
    if len(names) == 1:
        return held[names[0]], names
    if any(held[key].ndim != 1 for key in names) or len({len(held[key]) for key in names}) > 1:
        raise InputError(f"columns of equal length in {name}", shown, "name one array, or columns")
    return np.stack([held[key] for key in names], axis=1), names


def named(x: np.ndarray, names: list[str]) -> tuple[str, ...]:
    """The names of the columns, where there is one for each."""
    return tuple(names) if x.ndim == 2 and x.shape[1] == len(names) else ()
