# SPDX-License-Identifier: Apache-2.0
"""Configurations in several files or groups: one a lattice size, one a temperature, one an array, or parts of a set.

What is not stored as an array is looked for among the constants of a file (attributes, arrays without axes), then in
its name: L16_T2.25_seed3.npz has a temperature of 2.25 and a chain 3.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from isinglass.data.configurations import Configurations
from isinglass.data.conversion import unpickled
from isinglass.data.reading import LARGEST, as_configurations, check_numbers
from isinglass.data.role import (
    CHAIN,
    CONFIGURATIONS,
    ENERGY,
    MOST_LETTERS,
    SCANS,
    Stated,
    common_name,
    configurations_of,
    few_of,
    find,
    named,
    parameter_of,
)
from isinglass.data.table import NUMBER, FileTable, tables
from isinglass.errors import InputError

__all__ = ["read_several"]

SIZE = ("l", "n", "nx", "ny", "lx", "ly", "size", "side", "q", "d", "dim")
COUNTED = (
    *CHAIN,
    "id",
    "part",
    "batch",
    "config",
    "configs",
    "configuration",
    "sample",
    "rep",
    "file",
    "conf",
    "idx",
    "no",
)


@dataclass(frozen=True)
class Part:
    """Rows that were stored together."""

    called: str  # the name of the array
    x: np.ndarray
    t: np.ndarray
    name: str  # of the parameter
    labels: bool
    chain: np.ndarray | None
    energy: np.ndarray | None
    constants: dict[str, Any]


def read_several(paths: Sequence[Path], stated: Stated) -> list[Configurations]:
    """The configurations of all files, one for each lattice, in ascending order of the number of sites."""
    found = together([table for groups in tables(paths) for table in holding_groups(groups, stated)], stated)
    varied = numbers_in_names([table.name for table in found])
    alone = len(found) == 1
    parts = [as_part(table, stated, in_name, alone=alone) for table, in_name in zip(found, varied, strict=True)]
    if len({common_name(part.name) for part in parts}) > 1:
        names = ", ".join(dict.fromkeys(part.name for part in parts))
        raise InputError("one parameter of the scan in all files", names, "say which one: parameter='NAME'")
    groups: dict[Any, list[Part]] = {}
    for part in parts:
        groups.setdefault(part.x.shape[1:] if len(parts) > 1 else None, []).append(part)
    where = paths[0].name if len(paths) == 1 else f"{len(paths)} files from {paths[0].name}"
    sets = [
        made(group, stated, where if len(groups) == 1 else named_as(group, found, parts)) for group in groups.values()
    ]
    return sorted(sets, key=lambda c: math.prod(c.lattice))


def named_as(group: Sequence[Part], found: Sequence[FileTable], parts: Sequence[Part]) -> str:
    """The name of the first table of a group."""
    first = next(i for i, part in enumerate(parts) if part is group[0])
    return found[first].name + (f" and {len(group) - 1} others" if len(group) > 1 else "")


def holding_groups(groups: list[FileTable], stated: Stated) -> list[FileTable]:
    """The groups of one file that hold configurations; if only one does, with what the others hold as well."""
    large = [t for t in groups if any(a.ndim > 1 for a in t.arrays.values())]
    usual = [t for t in large if any(a.ndim > 1 and find(n) in CONFIGURATIONS for n, a in t.arrays.items())]
    stated_in = [t for t in groups if stated.configurations in t.arrays]
    holding = stated_in or usual or large
    if groups[0] in holding and "/" not in groups[0].name:
        holding = holding[:1]  # what lies in the file itself comes before its groups
    if len(holding) > 1 or len(groups) == 1:
        return holding or groups
    first, rest = (holding or groups)[0], {}
    for t in groups:
        within = t.name.removeprefix(groups[0].name).strip("/")
        rest |= {n if n not in first.arrays else f"{within}/{n}": a for n, a in t.arrays.items() if t is not first}
    return [replace(first, arrays=first.arrays | rest)]


def together(found: list[FileTable], stated: Stated) -> list[FileTable]:
    """One table of all arrays where one file holds the configurations and others what belongs to them."""
    wanted = stated.configurations
    having = [t for t in found if wanted in t.arrays] if wanted is not None and len(found) > 1 else []
    holding = having or [t for t in found if configurations_of(t, wanted if len(found) == 1 else None)]
    if len(holding) != 1 or len(found) == 1:
        lacking = [t for t in found if t not in holding] if len(found) > 1 else found * (not holding)
        if lacking:
            raise missing(lacking[0], "configurations")
        return found
    x = holding[0]
    rest = {(n if n not in x.arrays else f"{t.name}/{n}"): a for t in found if t is not x for n, a in t.arrays.items()}
    return [replace(x, arrays=x.arrays | rest)]


def missing(table: FileTable, what: str) -> InputError:
    """The line that says what a file lacks, what it has, and what to do."""
    arrays = (f"{n[:MOST_LETTERS]} {list(a.shape)}" for n, a in table.arrays.items())
    held = few_of([*arrays, *(f"{n[:MOST_LETTERS]} ({why})" for n, why in table.unread.items()), *table.constants])
    if "pickled objects" in table.unread.values():
        return unpickled(Path(table.name), ".npz")
    if what == "configurations":
        text = re.search(r"\.(txt|dat|csv|tsv)(\.gz)?$", table.name, re.IGNORECASE)
        fix = "rename the array, or name it: configurations='NAME'"
        fix = "name the columns of sites s0, s1 and so on" if text else fix
        return InputError("an array 'configurations' [n, ...lattice]", f"{table.name} with {held or 'nothing'}", fix)
    return InputError(
        "an array 'temperature', or another parameter of a scan", f"{table.name} with {held or 'nothing'}",
        "store one value for each configuration, add a file with them, or name the array: parameter='NAME'",
    )  # fmt: skip


def as_part(table: FileTable, stated: Stated, in_name: dict[str, float], *, alone: bool) -> Part:
    """The configurations of a table, and their parameter from an array, a constant or the name."""
    name = configurations_of(table, stated.configurations)
    assert name is not None  # noqa: S101  (`together` has seen to it)
    x = table.arrays[name]
    check_numbers(x, name, table.name, "biufc")
    column = parameter_of(table, x, stated.parameter)
    chains, energies = (named(table, usual) for usual in (CHAIN, ENERGY))
    chain = table.arrays[chains[0]] if chains and chains[0] != (column or "")[0:1] else None
    energy = table.arrays[energies[0]] if energies else None
    if column is not None:
        return Part(name, x, table.arrays[column[0]], column[0], column[1], chain, energy, table.constants)
    scan = constant_scan(table, stated.parameter) or named_scan(in_name, stated.parameter, alone=alone)
    if scan is None:
        raise missing(table, "parameter")
    x = x[None] if is_single(x, stated, in_name) else x
    rows = x.shape[0]
    counted = next((value for word, value in in_name.items() if find(word) in COUNTED), None)
    chain = np.full(rows, int(counted)) if chain is None and counted is not None else chain
    return Part(name, x, np.full(rows, float(scan[1])), scan[0], False, chain, energy, table.constants)  # noqa: FBT003


def is_single(x: np.ndarray, stated: Stated, in_name: dict[str, float]) -> bool:
    """Whether a file with one value of the parameter holds one configuration, of equal sides, instead of rows."""
    if stated.axes:
        return "row" not in stated.axes
    if stated.shape:
        return x.shape == stated.shape
    return x.ndim in (2, 3) and len(set(x.shape)) == 1


def constant_scan(table: FileTable, wanted: str | None) -> tuple[str, float] | None:
    """A constant that is the parameter, by its name."""
    numbers = {k: v for k, v in table.constants.items() if isinstance(v, int | float) and not isinstance(v, bool)}
    if wanted is not None:
        return next(((k, v) for k, v in numbers.items() if find(k) == find(wanted) or common_name(k) == wanted), None)
    usual = [word for words in SCANS.values() for word in words]
    return next(((k, v) for word in usual for k, v in numbers.items() if find(k) == word), None)


def named_scan(in_name: dict[str, float], wanted: str | None, *, alone: bool) -> tuple[str, float] | None:
    """The number in the name of a file that is the parameter: by its word, or the only one that is no size or count.

    `alone`: there is no other file, so that a number by another word says nothing.
    """
    words = {word: value for word, value in in_name.items() if find(word) not in (*SIZE, *COUNTED)}
    if wanted is not None:
        same = [word for word in words if find(word) == find(wanted) or common_name(word) == wanted]
        same = same or (list(words) if len(words) == 1 else [])
        return (wanted, words[same[0]]) if same else None
    usual = [word for words_ in SCANS.values() for word in words_]
    known = [word for word in words if find(word) in usual]
    if len(known) == 1:
        return known[0], words[known[0]]
    if alone or len(known) + len(words) > 1 or not words:
        if len(words) > 1 and not alone:
            raise InputError("one parameter of the scan in the names of the files", ", ".join(words),
                             f"say which one: parameter='{next(iter(words))}'")  # fmt: skip
        return None
    word = next(iter(words))
    raise InputError(
        "a parameter with a name", f"numbers such as {words[word]:g} after {word!r} in the names of the files",
        "say what they are: parameter='temperature', for example",
    )  # fmt: skip


def numbers_in_names(names: Sequence[str]) -> list[dict[str, float]]:
    """The numbers that differ between names, by the word before each: L16_T=2.25.npy is {"L": 16, "T": 2.25}."""
    out = []
    for name in names:
        stem = re.sub(r"\.(npz|npy|h5|hdf5|nc|mat|txt|dat|csv|tsv|gz)(?=$|/)", "", name, flags=re.IGNORECASE)
        stem = re.sub(r"(\d+)x\d+(x\d+)?", r"L\1", stem)
        found = re.findall(rf"([A-Za-z]*)[ _=:/-]*?((?<![\d.])-?{NUMBER.removeprefix('[-+]?')})", stem)
        out.append({(word or "number"): float(value) for word, value in found if abs(float(value)) < LARGEST})
    if len(out) == 1:
        return out
    same = {w for w in out[0] if all(one.get(w) == out[0][w] for one in out)}
    return [{word: value for word, value in one.items() if word not in same} for one in out]


def made(parts: Sequence[Part], stated: Stated, where: str) -> Configurations:
    """Parts of one lattice as one set."""
    first = parts[0]
    attributes = {k: v for k, v in first.constants.items() if k in ("kind", "channels", "boundary")}
    if len(parts) == 1:
        x, t, chain, energy = first.x, first.t, first.chain, first.energy
    else:
        x = np.concatenate([part.x for part in parts])
        t = np.concatenate([part.t for part in parts])
        chain = None if any(p.chain is None for p in parts) else np.concatenate([p.chain for p in parts])  # pyright: ignore
        energy = None if any(p.energy is None for p in parts) else np.concatenate([p.energy for p in parts])  # pyright: ignore
    return as_configurations(
        x,
        t,
        first.name,
        stated,
        where,
        chain=chain,
        energy=energy,
        labels=first.labels,
        attributes=attributes,
        called=first.called,
    )
