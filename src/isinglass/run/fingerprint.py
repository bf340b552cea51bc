# SPDX-License-Identifier: Apache-2.0
"""What a run is, entry by entry: every number, array, setting and function that it was given.

Two runs are the same run if their fingerprints are equal; where they differ, the entry that differs is named.
"""

import functools
import hashlib
import re
import types
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["change", "fingerprint", "part_of", "surroundings"]

LONGEST = 80  # characters of a value that are kept as they are
MOST = 64  # parts that are named one by one; of more the digest
around: ContextVar[tuple[Mapping[str, Any], ...]] = ContextVar("around", default=())


@contextmanager
def part_of(**what: Any) -> Iterator[None]:
    """A context whose checkpoints belong to `what` too: a task with its settings, a command with its inputs."""
    token = around.set((*around.get(), what))
    try:
        yield
    finally:
        around.reset(token)


def surroundings() -> dict[str, Any]:
    """What the work at hand is part of, outermost first, and the versions that compute it."""
    parts = {key: value for what in around.get() for key, value in what.items()}
    return parts | {"versions": {name: version(name) for name in ("isinglass", "jax", "jaxlib")}}


def fingerprint(x: Any) -> dict[str, str]:
    """Path -> value, as text, of everything in x: fields of dataclasses, static or not, entries, arrays, closures.

    A field whose metadata says `identity: False` is left out, such as the seconds that a run took.
    Law: equal for equal inputs, in another process too; different if any number, word or instruction differs.
    """
    return dict(entries(x, "", ()))


def change(of: Mapping[str, str], to: Mapping[str, str]) -> str:
    """What differs between two fingerprints, in words; empty where nothing does."""
    odd = [name for name in dict.fromkeys([*of, *to]) if of.get(name) != to.get(name)]
    said = [f"{name or 'value'} was {of.get(name, 'absent')}, is {to.get(name, 'absent')}" for name in odd[:3]]
    return "; ".join(said) + (f"; and {len(odd) - 3} more" if len(odd) > 3 else "")


def entries(x: Any, path: str, above: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """(path, value) of all that x consists of."""
    if id(x) in above:
        yield path, "itself"
        return
    parts = inside(x)
    if parts is None:
        yield path, brief(value_of(x))
        return
    yield path, kind_of(x)
    within = [entries(part, f"{path}.{name}" if path else str(name), (*above, id(x))) for name, part in parts]
    if len(within) > MOST:
        yield f"{path}.all", f"{len(within)} {digest(repr([list(part) for part in within]).encode())}"
        return
    for part in within:
        yield from part


def inside(x: Any) -> list[tuple[Any, Any]] | None:
    """(name, part) of a value that has parts; None for one that has not."""
    if isinstance(x, Mapping):
        return list(x.items())
    if isinstance(x, tuple) and (names := getattr(x, "_fields", None)):
        return list(zip(names, x, strict=True))
    if isinstance(x, list | tuple) and not (len(x) > 16 and all(isinstance(one, int | float | str) for one in x)):
        return list(enumerate(x))
    if is_dataclass(x) and not isinstance(x, type):
        kept = [f.name for f in fields(x) if f.metadata.get("identity", True)]
        return [(name, getattr(x, name)) for name in kept if hasattr(x, name)]
    if callable(x) and not isinstance(x, type):
        return inside_function(x)
    variables, attributes = getattr(x, "variables", None), getattr(x, "attrs", None)
    if isinstance(variables, Mapping) and isinstance(attributes, Mapping):  # a data set of xarray
        return [(name, np.asarray(array)) for name, array in variables.items()] + list(attributes.items())
    return None


def inside_function(f: Any) -> list[tuple[Any, Any]] | None:
    """The instructions, defaults and closure of a function, or the function that it wraps."""
    if isinstance(f, functools.partial):
        return [("function", f.func), ("arguments", f.args), ("keywords", f.keywords)]
    if isinstance(f, types.MethodType):
        return [("function", f.__func__), ("of", f.__self__)]
    if (wrapped := getattr(f, "__wrapped__", None)) is not None:
        return [("wraps", wrapped)]
    if not isinstance(f, types.FunctionType):
        return None
    names = f.__code__.co_freevars
    closed = [(n, cell.cell_contents) for n, cell in zip(names, f.__closure__ or (), strict=True) if has_contents(cell)]
    return [("code", f.__code__), ("defaults", f.__defaults__), ("keywords", f.__kwdefaults__), *closed]


def has_contents(cell: Any) -> bool:
    """Whether the variable of a closure has a value yet."""
    try:
        cell.cell_contents  # noqa: B018
    except ValueError:
        return False
    return True


def kind_of(x: Any) -> str:
    """The name of a function or of the class of a value."""
    named = x if isinstance(x, types.FunctionType) else type(x)
    return f"{named.__module__}.{named.__qualname__}" if named.__module__ != "builtins" else named.__qualname__


def value_of(x: Any) -> str:
    """A value without parts, as text; arrays and code by a digest."""
    if isinstance(x, types.CodeType):
        return digest(b"".join(instructions(x)))
    if isinstance(x, Enum | Path | type | types.ModuleType | str | bytes) or x is None:
        return str(getattr(x, "__qualname__", getattr(x, "__name__", x)))
    if isinstance(x, set | frozenset):
        return repr(sorted(map(repr, x)))
    if hasattr(x, "dtype") and hasattr(x, "shape"):
        return array_value(x)
    return re.sub(r" at 0x[0-9a-f]+", "", repr(x))


def array_value(x: Any) -> str:
    """A number as it is, an array by type, shape and digest; random keys by their data."""
    import jax

    if isinstance(x, jax.Array) and jax.numpy.issubdtype(x.dtype, jax.dtypes.prng_key):
        x = jax.random.key_data(x)
    array = np.asarray(x)
    if array.size == 1 or array.dtype.kind == "O":
        return repr(array.tolist())
    return f"{array.dtype}{list(array.shape)} {digest(np.ascontiguousarray(array).tobytes())}"


def instructions(code: types.CodeType) -> Iterator[bytes]:
    """The bytes of a function: its instructions, names and constants, those of inner functions too."""
    yield code.co_code + repr((code.co_names, code.co_varnames)).encode()
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from instructions(constant)
        else:
            plain = sorted(map(repr, constant)) if isinstance(constant, frozenset) else constant
            yield repr(plain).encode()


def brief(text: str) -> str:
    """A short text as it is, a long one by its first words and a digest."""
    return text if len(text) <= LONGEST else f"{text[:30]}... {digest(text.encode())}"


def digest(content: bytes) -> str:
    """A hash of 64 bits."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()
