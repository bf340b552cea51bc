# SPDX-License-Identifier: Apache-2.0
"""Rows of binary numbers or spins: from a file, checked, split into sides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.tasks.posterior.posterior_file import numbers

__all__ = ["DiscreteRows", "RowsFile", "TwoSides", "checked_discrete", "split_sides"]

FEWEST = 40  # rows
BLOCKS = 20  # of rows that are like their neighbors
USUAL = ("configurations", "spins", "x", "data", "samples", "images")


@dataclass(frozen=True)
class RowsFile:
    """Rows of 0 and 1, or of ±1, in a file: of one number a site, or of one image."""

    file: Path
    """.npy, .npz, .h5, .nc, .mat, .csv: an array [row, site] or [row, y, x]."""
    array: str = ""
    """Name of the array, where the file holds several."""

    def read(self) -> tuple[np.ndarray, dict[str, Any], dict[str, Any]]:
        """The rows; the chain of each, if the file says it; what was read, for the record."""
        held, name = raw(self.file)
        shapes = {a.shape for a in held.values()}
        if not self.array and len(held) > 1 and len(shapes) == 1 and len(shapes.pop()) == 1:
            held = {"columns": np.stack(list(held.values()), axis=1)}  # a table, a column for each site
        large = [key for key, a in held.items() if a.ndim > 1]
        keys = [self.array] if self.array else ([key for key in large if key.lower() in USUAL][:1] or large)
        if len(keys) != 1 or keys[0] not in held:
            shown = ", ".join(f"{key} {list(a.shape)}" for key, a in held.items()) or "none"
            raise InputError(f"one array of rows in {name}", shown, "name it: array NAME")
        x = held[keys[0]]
        chain = held.get("chain")
        known = {"chain": chain} if chain is not None and chain.shape == x.shape[:1] else {}
        return x, known, {"read": f"{name}: {keys[0]} {list(x.shape)}{', chain' if known else ''}"}


def raw(path: Path) -> tuple[dict[str, np.ndarray], str]:
    """All arrays of numbers; of the folder of a run those of its samples."""
    if path.is_dir():
        return numbers(path)
    table = data.table.tables([path])[0][0]
    return {key: a for key, a in table.arrays.items() if a.dtype.kind in "biuf"}, table.name


class DiscreteRows(NamedTuple):
    """Rows [n, D] and what they are."""

    x: np.ndarray  # of 0 and 1, or of ±1
    kind: str  # binary or spin
    sides: tuple[int, ...]  # of one row


class TwoSides(NamedTuple):
    """Row numbers of each side of the split."""

    trained: np.ndarray
    held: np.ndarray


def checked_discrete(given: Any, name: str = "rows") -> DiscreteRows:
    """Errors: InputError for few rows, other values than 0 and 1 or ±1, no entry that varies."""
    x = data.as_array(given, name)
    if x.ndim < 2 or len(x) < FEWEST or not x.size:  # noqa: PLR2004
        found = f"shape {list(x.shape)}"
        raise InputError(f"{name} [n, site], {FEWEST} or more", found, "give one configuration a row, and more of them")
    if x.dtype.kind == "c":
        raise InputError(f"{name} of 0 and 1, or of ±1", f"{x.dtype}", "give real numbers")
    values = np.unique(x)
    if len(values) < 2 and np.isfinite(values.astype(float)).all():  # noqa: PLR2004
        raise InputError(f"{name} that vary", f"{values[0]:g} everywhere", "give configurations that differ")
    kind = {(0, 1): "binary", (-1, 1): "spin"}.get(tuple(values.tolist()))
    if kind is None:
        shown = "NaN among them" if np.isnan(values.astype(float)).any() else f"values {values[0]:g} to {values[-1]:g}"
        few = f"{values[0]:g} and {values[1]:g}" if len(values) == 2 else shown  # noqa: PLR2004
        fix = "compare with a threshold, x > 0.5; of real numbers the density is that of method='flow'"
        raise InputError(f"{name} of 0 and 1, or of ±1", few, fix)
    return DiscreteRows(x.reshape(len(x), -1).astype(float), kind, tuple(x.shape[1:]))


def split_sides(rng: np.random.Generator, x: np.ndarray, chain: Any, held_out: float) -> TwoSides:
    """No chain is on both sides; rows that are like their neighbors stay in blocks.

    Equal rows may be on both sides: discrete ones recur by chance.
    Errors: InputError for chains that are no number for each row, or fewer than two, and shares of 0.9 and more.
    """
    if not held_out < 0.9:  # noqa: PLR2004
        raise InputError("held_out between 0 and 0.9", f"{held_out:g}", "try held_out=0.25")
    group = np.arange(len(x))
    if chain is not None:
        group = np.unique(data.as_array(chain, "chain"), return_inverse=True)[1].reshape(-1)
        if len(group) != len(x):
            raise InputError("one chain for each row", f"{len(group)} for {len(x)} rows", "give both the same length")
        if group.max() < 1:
            raise InputError("two chains or more, one of them held out", "1", "leave chain out")
    elif alike(x) > 4.5 / len(x) ** 0.5 + 0.05:
        group = group * BLOCKS // len(x)
    order = rng.permutation(group.max() + 1)
    count = np.bincount(group)[order].cumsum() / len(x)
    cut = min(max(1, int(np.searchsorted(count, held_out)) + 1), len(order) - 1)
    held = np.isin(group, order[:cut])
    return TwoSides(np.flatnonzero(~held), np.flatnonzero(held))


def alike(x: np.ndarray) -> float:
    """The largest correlation of neighboring rows over entries."""
    y = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-12)
    return float(np.abs((y[1:] * y[:-1]).mean(axis=0)).max())
