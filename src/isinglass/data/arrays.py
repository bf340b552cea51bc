# SPDX-License-Identifier: Apache-2.0
"""Configurations from arrays in memory, by the rules for files: names, shapes and the values say what is what."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from isinglass.data.configurations import Configurations
from isinglass.data.files import from_dataset
from isinglass.data.reading import as_configurations
from isinglass.data.role import CHAIN, ENERGY, Stated, configurations_of, named, parameter_of
from isinglass.data.table import FileTable, plain
from isinglass.errors import InputError

__all__ = ["ArrayLike", "as_array", "from_arrays", "named_arrays_of"]


@runtime_checkable
class ArrayLike(Protocol):
    """What can be made a NumPy array: of NumPy, JAX, xarray, pandas, PyTorch on the CPU."""

    def __array__(self) -> np.ndarray:
        """The numbers."""
        ...


def as_array(value: Any, name: str) -> np.ndarray:
    """A NumPy array.  Errors: InputError for what cannot be one, or rows of different lengths."""
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever a class of another package may raise
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{name} as an array of numbers", f"{type(value).__name__} ({why[:80]})",
                         "give all rows the same length, on the CPU") from None  # fmt: skip
    if array.dtype.kind not in "biufc":
        found = f"{type(value).__name__} of {array.dtype}"
        raise InputError(f"{name} as an array of numbers", found, "leave out texts and objects; all rows of one length")
    return array


def named_arrays_of(given: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays by name in an array, a mapping or an xarray object; and kind, channels and boundary as it states."""
    kind = type(given).__name__ if type(given).__module__.startswith("xarray.") else ""
    if kind == "Dataset":
        first = {str(n): v.to_numpy() for n, v in given.variables.items() if v.dtype.kind in "biufc" and v.ndim}
        stated = given.get("configurations", given).attrs
    elif kind == "DataArray":
        beside = {str(n): c.to_numpy() for n, c in given.coords.items() if c.dtype.kind in "biufc"
                  and c.ndim and set(c.dims) <= set(given.dims[:2])}  # fmt: skip
        first, stated = {"configurations": given.to_numpy()} | beside, given.attrs
    elif isinstance(given, Mapping):
        first, stated = {str(name): as_array(value, repr(name)) for name, value in given.items()}, {}
    else:
        first, stated = {"configurations": as_array(given, "configurations")}, {}
    return first, {name: plain(stated[name]) for name in ("kind", "channels", "boundary") if name in stated}


def from_arrays(given: Any, beside: Mapping[str, Any], stated: Stated, where: str = "arrays") -> Configurations:
    """Configurations of one lattice: `given` an array, arrays by name, a DataArray or a Dataset; `beside` more arrays.

    Errors: InputError as for files, for an array that is missing or fits nothing.
    """
    held, attributes = named_arrays_of(given)
    if type(given).__name__ == "Dataset" and not beside and stated == Stated():
        parameter = str(given.attrs.get("parameter", "temperature"))
        if {"configurations", parameter} <= set(map(str, given.variables)):
            return replace(from_dataset(given), source=from_dataset(given).source.replace("the data", where, 1))
    table = FileTable(where, held | {name: as_array(value, name) for name, value in beside.items()})
    table = replace(table, arrays={n: a for n, a in table.arrays.items() if a.ndim},
                    constants={n: plain(a) for n, a in table.arrays.items() if not a.ndim})  # fmt: skip
    name = configurations_of(table, stated.configurations)
    if name is None:
        held = ", ".join(f"{n} {list(a.shape)}" for n, a in table.arrays.items()) or "none"
        raise InputError("an array of configurations [n, ...lattice]", held, "give one configuration a row")
    x = table.arrays[name]
    column = parameter_of(table, x, stated.parameter)
    if column is None:
        more = [n for n in (*table.arrays, *table.constants) if n != name]
        found = f"configurations {list(x.shape)}" + (f" with {', '.join(more)}" if more else " alone")
        fix = f"say temperature=T, one number for each of the {len(x)} configurations, or beta=..., or another name"
        raise InputError("an array 'temperature', or another parameter of a scan", found, fix)
    chain, energy = (next((table.arrays[n] for n in named(table, usual)), None) for usual in (CHAIN, ENERGY))
    return as_configurations(
        x, table.arrays[column[0]], column[0], stated, where, chain=chain, energy=energy, labels=column[1],
        attributes=attributes, called=name,
    )  # fmt: skip
