# SPDX-License-Identifier: Apache-2.0
"""Arrays in memory as the configurations that a task takes: infer(key, x, temperature=T)."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import data
from isinglass.errors import InputError

if TYPE_CHECKING:
    from isinglass.data.arrays import ArrayLike

    Numbers = ArrayLike | Sequence | Mapping[int, Any]
else:
    Numbers = Any

__all__ = ["GivenArrays", "with_configurations"]

STATED = ("parameter", "configurations", "kind", "shape", "axes", "period", "boundary")
ROWS = ("temperature", "beta", "chain", "energy")


@dataclass(frozen=True)
class GivenArrays:
    """Keywords of `infer` beside an array: what belongs to its rows, and how it is read (docs/files.md).

    Any other array by a name of its own is the parameter: infer(key, x, coupling=K).  By lattice size, each of them is
    a mapping too: infer(key, {16: a, 32: b}, temperature={16: T, 32: T}).
    """

    temperature: Numbers | None = None
    """The temperature of each configuration [n]."""
    beta: Numbers | None = None
    """The inverse temperature of each, in place of the temperature."""
    chain: Numbers | None = None
    """The Markov chain that each is from, a number."""
    energy: Numbers | None = None
    """The energy of each."""
    parameter: str | None = None
    """Which array is the parameter of the scan, where that is not clear."""
    configurations: str | None = None
    """Which array holds the configurations, where several are given."""
    kind: str | None = None
    """ising, potts, angle, vector or real; inferred from the values if not given."""
    shape: str | Sequence[int] = ()
    """Sides of the lattice, where sites stand in one row: "16 16"."""
    axes: str | Sequence[str] = ()
    """What each axis counts: "point row site site"."""
    period: float | None = None
    """The variables are angles of this period."""
    boundary: str | float | None = None
    """Of the lattice: periodic, open, part or unknown; seen in the data if not given.  A number is another setting."""


def with_configurations(problem: Any, settings: dict[str, Any], known: set[str]) -> tuple[Any, dict[str, Any]]:
    """Configurations, by lattice size if so, in place of arrays, and the settings that are left for the task.

    `known`: settings of the tasks.  A problem that is no array is returned as it is.
    """
    from isinglass.data.configurations import Configurations
    from isinglass.result import Result

    if isinstance(problem, list | tuple) and len(problem):
        problem = data.as_array(problem, "configurations")
    by_size: Any = problem
    sizes = isinstance(problem, Mapping) and bool(problem) and all(isinstance(L, Integral) for L in problem)
    if sizes and any(isinstance(one, Configurations | Result) for one in by_size.values()):
        return problem, settings
    if not (isinstance(problem, Mapping) and problem or isinstance(problem, data.ArrayLike)):
        return problem, settings
    said, rows, left = sorted_out(settings, known)
    stated = data.files.as_stated(**{**{f.name: f.default for f in fields(GivenArrays) if f.name in STATED}, **said})
    if not sizes:
        return data.from_arrays(problem, rows, stated), left
    of = lambda L: {name: of_size(value, L, name) for name, value in rows.items()}  # noqa: E731
    return {int(L): data.from_arrays(x, of(L), stated, f"L = {L}") for L, x in by_size.items()}, left


def sorted_out(settings: dict[str, Any], known: set[str]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """How the arrays are read, the arrays beside them, and the settings of the task."""
    said, rows, left = {}, {}, {}
    for name, value in settings.items():
        if name in STATED and not (name in known and not isinstance(value, str)):
            said[name] = value
        elif name in ROWS:
            rows |= {} if value is None else {name: value}
        elif name not in known and is_many(value):
            if close := difflib.get_close_matches(name, [*ROWS, *known], 1, 0.8):
                raise InputError(f"arrays among {', '.join(ROWS)}, or a name of its own", name,
                                 f"did you mean {close[0]}?")  # fmt: skip
            rows[name] = value
        else:
            left[name] = value
    return said, rows, left


def is_many(value: Any) -> bool:
    """Whether it is an array, a sequence of numbers, or one for each lattice size."""
    many = isinstance(value, list | tuple | Mapping | data.ArrayLike) and not isinstance(value, np.generic)
    return many and getattr(value, "ndim", 1) > 0


def of_size(value: Any, L: Any, name: str) -> Any:
    """What belongs to one lattice size; an array that is none by size belongs to each."""
    if not isinstance(value, Mapping):
        return value
    if L not in value:
        raise InputError(f"{name} for L = {L}", f"for L = {', '.join(map(str, value))}", "give one for each size")
    return value[L]
