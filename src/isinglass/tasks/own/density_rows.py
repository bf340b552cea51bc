# SPDX-License-Identifier: Apache-2.0
"""Rows whose density is wanted: from a file, checked, split into sides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from isinglass import data
from isinglass.errors import InputError

__all__ = ["DensityFile", "checked_rows", "split_rows"]

FEWEST = 40  # rows
UNDECIDED = "undecided with such rows"  # a test that failed where rows are few, or not independent
LEVELS = 0.1  # distinct values of an entry, as a share of the rows, below which it is a discrete one
ALIKE, BLOCKS = 0.2, 20  # correlation of neighboring rows from which blocks of them stay together
VALIDATED = 0.1  # share of the rows that are not held out, by which the best of the blocks is found


@dataclass(frozen=True)
class DensityFile:
    """Samples x [n, ...] in a file, a row for each, or as named columns."""

    file: Path
    """.npy, .npz, .csv, .txt, .h5, .nc, .mat."""
    array: str | None = None
    """Name of the array; by default the only one, or all named columns together."""
    columns: tuple[str, ...] = ()
    """Names of columns, to take these alone: mass energy."""

    def read(self) -> tuple[np.ndarray, dict[str, Any], dict[str, Any]]:
        """The rows; the names of their entries, if these were columns; what was read, for the record."""
        table = data.table.tables([self.file])[0][0]
        held = {name: a for name, a in table.arrays.items() if a.dtype.kind in "biufc"}
        shown = ", ".join(f"{name} {list(a.shape)}" for name, a in held.items()) or "none"
        if self.columns:
            if lacking := [name for name in self.columns if name not in held or held[name].ndim != 1]:
                raise InputError(f"columns {', '.join(lacking)} in {table.name}", shown, "name columns that are there")
            held = {name: held[name] for name in self.columns}
        if self.array is not None and self.array not in held:
            raise InputError(f"an array {self.array!r} in {table.name}", shown, "name one: array='NAME'")
        large = [name for name, a in held.items() if a.ndim > 1]
        if self.array is None and len(large) > 1:
            raise InputError(f"one array of samples in {table.name}", shown, f"say which: array='{large[0]}'")
        name = self.array or (large[0] if large and not self.columns else None)
        flat = [a for a in held.values() if a.ndim == 1]
        if name is None and (not flat or len({len(a) for a in flat}) > 1):
            raise InputError(f"samples x [n, ...] in {table.name}", shown, "name the array: array='NAME'")
        x = held[name] if name is not None else flat[0] if len(flat) == 1 else np.stack(flat, axis=1)
        names = tuple(held) if x.ndim == 2 and name is None else None
        return x, {"names": names}, {"read": f"{table.name}: {name or ', '.join(held)} {list(x.shape)}"}


def checked_rows(given: Any) -> np.ndarray:
    """Rows [n, *site] in double precision.

    Errors: InputError for rows that are few, not finite, of no width, or whole numbers.
    """
    x = data.as_array(given, "samples")
    if x.ndim < 1 or len(x) < FEWEST:
        found = f"shape {list(x.shape)}"
        raise InputError(f"samples x [n, ...], {FEWEST} rows or more", found, "give one sample a row, and more of them")
    if x.dtype.kind == "c":
        raise InputError("real numbers", f"{x.dtype}", "give real and imaginary parts, x.view(float)")
    if not x.size:
        raise InputError("samples with an entry or more", f"shape {list(x.shape)}", "give one sample a row")
    y = x.astype(float)
    if not np.isfinite(y).all():
        bad = int((~np.isfinite(y.reshape(len(y), -1))).any(axis=1).sum())
        raise InputError("finite numbers", f"NaN or infinite in {bad} of {len(y)} rows", "remove those rows")
    check_entries(y.reshape(len(y), -1), whole=x.dtype.kind in "biu", dtype=str(x.dtype))
    return y


def check_entries(flat: np.ndarray, *, whole: bool, dtype: str) -> None:
    """Errors: InputError for an entry that is constant, or that takes few values or whole numbers alone."""
    spread = np.ptp(flat, axis=0)
    if (still := np.flatnonzero(spread == 0)).size:
        more = f" and {still.size - 1} more" if still.size > 1 else ""
        found = f"{flat[0, still[0]]:g} everywhere in entry {still[0]}{more}"
        raise InputError("entries that vary, for a density", found, "leave out what is constant")
    noise = "add noise of the size of a step, x + rng.random(x.shape), to have a density"
    if whole or (flat == np.rint(flat)).all():
        raise InputError("numbers that form a continuum, for a density", f"whole numbers ({dtype})", noise)
    for i, entry in enumerate(flat.T):
        if (levels := len(np.unique(entry))) < LEVELS * len(entry):
            found = f"{levels} values in {len(entry)} rows of entry {i}"
            raise InputError("numbers that form a continuum, for a density", found, f"leave it out, or {noise}")


def split_rows(
    rng: np.random.Generator, x: np.ndarray, chain: Any, held_out: float
) -> tuple[tuple[np.ndarray, np.ndarray, np.ndarray], float]:
    """Row numbers of training, validation and held-out sides, and the share of rows that are repeated.

    No chain, and no row that occurs twice, is on both sides; rows that are like their neighbors stay in blocks.
    Errors: InputError for chains that are no number for each row, or fewer than three.
    """
    flat = x.reshape(len(x), -1)
    group = np.unique(flat, axis=0, return_inverse=True)[1].reshape(-1)
    repeated = 1 - (group.max() + 1) / len(group)
    if chain is not None:
        group = np.unique(data.as_array(chain, "chain"), return_inverse=True)[1].reshape(-1)
        if len(group) != len(x):
            raise InputError("one chain for each row", f"{len(group)} for {len(x)} rows", "give both the same length")
        if group.max() < 2:
            raise InputError("three chains or more, one of them held out", f"{group.max() + 1}", "leave chain out")
    elif neighbors_alike(flat) > ALIKE:
        group = np.arange(len(x)) * BLOCKS // len(x)
    order = rng.permutation(group.max() + 1)
    count = np.bincount(group, minlength=len(order))[order].cumsum() / len(x)
    validated = held_out + VALIDATED * (1 - held_out)
    cut = [max(1, int(np.searchsorted(count, share)) + 1) for share in (held_out, validated)]
    cut[1] = min(max(cut[1], cut[0] + 1), len(order) - 1)
    cut[0] = min(cut[0], cut[1] - 1)
    held, valid = (np.isin(group, part) for part in (order[: cut[0]], order[cut[0] : cut[1]]))
    return (np.flatnonzero(~held & ~valid), np.flatnonzero(valid), np.flatnonzero(held)), float(repeated)


def neighbors_alike(flat: np.ndarray) -> float:
    """The largest correlation of neighboring rows over the entries, of ranks, so that no outlier decides."""
    ranks = flat.argsort(axis=0).argsort(axis=0) / (len(flat) - 1) - 0.5
    return float(np.abs((ranks[1:] * ranks[:-1]).mean(axis=0) * 12).max())
