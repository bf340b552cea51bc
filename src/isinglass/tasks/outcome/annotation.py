# SPDX-License-Identifier: Apache-2.0
"""What a table of samples says of itself: coordinates, units, names, the system and its conventions."""

import inspect
import re
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from isinglass.systems.system import AbstractSystem

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["annotated"]

COORDINATES = ("temperature", "chain", "draw")
CONVENTIONS = (
    "E is the energy of the whole configuration; k_B = 1, p = exp(-E/T)/Z; samples are ordered by temperature, then "
    "draw, then chain; site i is the i-th element in C order (docs/conventions.md)"
)
NAMES = {
    "configurations": "configuration x",
    "temperature": "temperature T",
    "chain": "Markov chain",
    "draw": "number of the sample in its chain",
    "energy": "energy E(x) of the configuration",
    "effective_sample_size": "effective sample size, of the slowest quantity",
    "r_hat": "R-hat, of the slowest quantity",
    "autocorrelation_time": "integrated autocorrelation time, of the slowest quantity",
}
UNITS = {"chain": "1", "draw": "1", "r_hat": "1", "effective_sample_size": "1", "autocorrelation_time": "sweeps"}
OF_ENERGY = ("temperature", "energy")


def annotated(arrays: "xr.Dataset", system: AbstractSystem) -> "xr.Dataset":
    """The same table with temperature, chain and draw as coordinates, and what its numbers are as attributes."""
    arrays = arrays.set_coords([name for name in COORDINATES if name in arrays.data_vars])
    text = inspect.getdoc(type(system)) or ""
    unit = re.search(r"\bUnits?: (.+?)\.(?:\s|$)", text.replace("\n", " "))
    names = NAMES | {"order_parameter": first_sentence(inspect.getdoc(type(system).order_parameter) or "")}
    for name in [name for name in names if name in arrays.variables]:
        arrays[name].attrs.setdefault("long_name", names[name])
        if name in UNITS or (name in OF_ENERGY and unit):
            arrays[name].attrs.setdefault("units", UNITS[name] if name in UNITS else unit[1])  # pyright: ignore
    told = {
        "system": type(system).__name__,
        "parameters": ", ".join(f"{name} = {value}" for name, value in parameters(system).items()),
        "energy_function": first_sentence(text),
        "unit": unit[1] if unit else "",
        "conventions": CONVENTIONS,
    }
    return arrays.assign_attrs({name: value for name, value in told.items() if value})


def parameters(system: AbstractSystem) -> dict[str, Any]:
    """Shape, lattice, and the parameters that are one number; not beta, which the temperatures tell."""
    found: dict[str, Any] = {"shape": " x ".join(map(str, system.shape))}
    if hasattr(graph := getattr(system, "graph", None), "name"):
        found["lattice"] = graph.name  # pyright: ignore[reportOptionalMemberAccess]
    for f in fields(system):
        value = getattr(system, f.name)
        if f.name != "beta" and np.ndim(value) == 0 and isinstance(value, int | float | np.generic | jax.Array):
            found[f.name] = f"{float(value):g}"
    return found


def first_sentence(text: str) -> str:
    """A docstring up to its first full stop or empty line, on one line."""
    return " ".join(re.split(r"\.\s|\.$|\n\n", text, maxsplit=1)[0].split())
