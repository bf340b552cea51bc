# SPDX-License-Identifier: Apache-2.0
"""From the arrays of a table to configurations, and the line that says how they were read."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np

from isinglass.data.axes import arranged
from isinglass.data.boundary import seen_boundary
from isinglass.data.configurations import Boundary, Configurations
from isinglass.data.kind import variables
from isinglass.data.role import Stated, common_name, find
from isinglass.errors import InputError

__all__ = ["LARGEST", "as_configurations", "check_numbers"]

NAMED_ANGLES = ("angle", "angles", "theta", "thetas")
LARGEST = 1e15  # whole numbers are exact in double precision up to here


def as_configurations(
    x: np.ndarray, t: np.ndarray, name: str, stated: Stated, where: str, *, chain: np.ndarray | None = None,
    energy: np.ndarray | None = None, labels: bool = False, called: str = "", attributes: dict[str, Any] | None = None,
) -> Configurations:  # fmt: skip
    """Checked configurations with one value of the parameter each.

    `called`: the name of the array; `attributes`: kind, channels and boundary as the file states them; what the user
    states comes first.
    Errors: InputError where something does not fit, or may be read in two ways.
    """
    given = attributes or {}
    kind, channels = stated.kind or given.get("kind"), given.get("channels")
    kind = kind if kind is None else str(kind)  # whatever a file holds by that name
    if channels not in (None, 0, 1):
        raise InputError("an attribute channels 0 or 1", f"{channels!r} in {where}", "correct it, or leave it out")
    check_numbers(x, "configurations", where, "biufc")
    check_numbers(t, name, where)
    if x.ndim < 2 and not stated.shape:
        fix = "store one configuration per row, or give the sides: shape='16 16'"
        raise InputError("'configurations' of shape [n, ...lattice]", f"shape {list(x.shape)} in {where}", fix)
    if min(x.shape) == 0:
        raise InputError(f"configurations, and two or more values of {name}", f"none in {where}", "check the file")
    made = arranged(
        x, t, where, shape=stated.shape, axes=stated.axes,
        channels=None if channels is None else bool(channels), vectors=kind == "vector" and x.dtype.kind != "c",
    )  # fmt: skip
    distinct = len(np.unique(made.parameter))
    if distinct < 2:
        found, fix = f"{distinct} in {where}", "add configurations on both sides of the transition"
        raise InputError(f"two or more values of {name}", found, fix)
    found = variables(made.x, kind=kind, period=stated.period, inner=made.inner, where=where,
                      angles=find(called) in NAMED_ANGLES)  # fmt: skip
    c = Configurations(
        x=found.x,
        parameter=made.parameter.astype(np.float64),
        kind=found.kind,
        parameter_name=common_name(name),
        chain=per_row(chain, x, made.parameter, "chain", where, np.int64),
        channels=made.inner == "channel",
        energy=known_energy(energy, len(made.parameter)),
        labels=labels,
    )
    boundary, text = boundary_of(c, stated.boundary or given.get("boundary"))
    return with_line(c, boundary, f"{found.words}{''.join(f', {word}' for word in made.words)}, {text}", where)


def with_line(c: Configurations, boundary: Any, words: str, where: str) -> Configurations:
    """The configurations with their boundary and the line that says how they were read."""
    sides = ("a chain of " if len(c.lattice) == 1 else "") + " x ".join(map(str, c.lattice))
    links = f" with {c.shape[-1]} variables a site" if c.channels else ""
    chains = "" if c.chain is None else f", {len(np.unique(c.chain))} chains"
    line = f"{where}: {c.n} configurations of {sides}{links}, {words}, {points_in_words(c)}{chains}"
    return replace(c, boundary=boundary, source=line)


def points_in_words(c: Configurations) -> str:
    """The values of the parameter, and how many configurations each has."""
    points, counts = np.unique(c.parameter, return_counts=True)
    each = f"{counts.min()} each" if counts.min() == counts.max() else f"{counts.min()} to {counts.max()} each"
    if c.labels:
        return f"labels {c.parameter_name} = {', '.join(f'{p:g}' for p in points)} of phases and no parameter, {each}"
    inverse = " (inverse temperature)" if c.parameter_name == "beta" else ""
    return f"{len(points)} values of {c.parameter_name}{inverse} {points[0]:g} ... {points[-1]:g}, {each}"


def check_numbers(array: np.ndarray, name: str, where: str, kinds: str = "biuf") -> None:
    """Errors: InputError for what is no number, or not finite."""
    if array.dtype.kind not in kinds:
        found = f"{array.dtype} in {where}"
        raise InputError(f"numbers in {name!r}", found, "store numbers, not objects or text")
    if not np.isfinite(array).all():
        count = int(np.sum(~np.isfinite(array)))
        raise InputError(f"finite numbers in {name!r}", f"{count} NaN or infinite in {where}", "remove those rows")
    parts = (np.real(array), np.imag(array)) if array.dtype.kind == "c" else (array,)
    largest = max(abs(float(end)) for part in parts for end in (part.min(), part.max())) if array.size else 0.0
    if largest > LARGEST:
        found = f"{largest:g} in {where}"
        raise InputError(f"numbers of at most {LARGEST:g} in {name!r}", found, "change the unit")


def per_row(
    array: np.ndarray | None, x: np.ndarray, t: np.ndarray, name: str, where: str, kind: type
) -> np.ndarray | None:
    """One number for each row, where there is one for each, or for each row of every point.

    Errors: InputError for another length.
    """
    if array is None:
        return None
    check_numbers(array, name, where)
    n = len(t)
    if array.size == n:
        return array.reshape(-1).astype(kind)
    if array.ndim == 1 and array.size in x.shape[:2] and n % array.size == 0:
        return np.tile(array, n // array.size).astype(kind)
    found = f"shape {list(array.shape)} for {n} configurations in {where}"
    raise InputError(f"one {name} for each configuration", found, "give both arrays the same length")


def known_energy(energy: np.ndarray | None, n: int) -> np.ndarray | None:
    """The energies of n rows, None unless all are finite."""
    if energy is None or energy.dtype.kind not in "iuf" or energy.size != n or not np.isfinite(energy).all():
        return None
    return energy.reshape(-1).astype(np.float64)


def boundary_of(c: Configurations, said: Any) -> tuple[Boundary, str]:
    """The boundary that is stated, or else seen in the data, and the words for it."""
    if said is not None:
        if said not in get_args(Boundary):
            raise InputError("a boundary periodic, open, part or unknown", repr(said), "choose one of them")
        return said, f"{said} boundaries (stated)"
    if c.channels:
        return "unknown", "boundaries not looked at"
    field, mean = c.x, 0.0
    if c.kind == "real":
        mean = float(c.x.mean())
    if c.kind == "angle":
        field = np.stack([np.cos(c.x), np.sin(c.x)], axis=-1)
    elif c.kind != "vector":
        field = c.x[..., None] - (mean if c.kind == "real" else np.int8(0))
    found, axes = seen_boundary(field, c.group, states=c.kind == "potts")
    if found == "open":
        along = "" if len(axes) == len(c.lattice) else f" along axis {', '.join(str(a + 1) for a in axes)}"
        return "open", f"open boundaries{along} (opposite edges are unlike)"
    if found == "part":
        return "part", "part of a larger lattice (opposite edges are unlike, and no surface is seen)"
    return ("periodic", "periodic boundaries (seen)") if found == "periodic" else ("unknown", "boundaries not seen")
