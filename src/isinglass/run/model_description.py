# SPDX-License-Identifier: Apache-2.0
"""A network as plain JSON: its class and the settings of its constructor, nested; arrays are stored separately.

Law: build(describe(f)) = f up to the values of random initial arrays.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import equinox as eqx
import jax

from isinglass.errors import InputError
from isinglass.run.class_name import class_of, name_of, package_of

__all__ = ["build", "check_rebuilds", "describe", "is_array", "named_arrays", "skeleton"]

PLAIN = (bool, int, float, str, type(None))
CONCRETE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
)  # of constructors that need values
Arrays = Mapping[str, Any]
Find = Callable[[str], type]


def describe(value: Any, names: Mapping[int, str]) -> Any:
    """The JSON of a network; `names`: id of an array -> its name.

    Errors: InputError for values that JSON cannot hold, and for a constructor parameter that is not a field.
    """
    if isinstance(value, eqx.Module):
        settings = {name: describe(getattr(value, name), names) for name in setting_names(value)}
        return {"class": name_of(type(value)), "settings": settings}
    if id(value) in names:
        return {"array": names[id(value)]}
    if type(value) is dict and all(isinstance(name, str) for name in value):
        return {"dict": {name: describe(item, names) for name, item in value.items()}}
    if type(value) in (list, tuple):
        items = [describe(item, names) for item in value]
        return items if type(value) is tuple else {"list": items}
    if isinstance(value, PLAIN):
        return value
    raise InputError("a network of numbers, text, tuples, lists, dicts, JAX arrays and equinox Modules",
                     f"a {type(value).__name__}", "keep what it is made from as a setting instead")  # fmt: skip


def build(value: Any, arrays: Arrays, find: Find) -> Any:
    """The network of a description, the inverse of `describe`; `find` maps a name to its class."""
    if isinstance(value, list):
        return tuple(build(item, arrays, find) for item in value)
    if not isinstance(value, dict):
        return value
    if "dict" in value:
        return {name: build(item, arrays, find) for name, item in value["dict"].items()}
    if "list" in value:
        return [build(item, arrays, find) for item in value["list"]]
    if "array" in value:
        return arrays[value["array"]]
    cls = find(value["class"])
    settings = {name: build(item, arrays, find) for name, item in value["settings"].items()}
    return cls(key=jax.random.key(0), **settings) if "key" in inspect.signature(cls).parameters else cls(**settings)


def skeleton(description: Any, arrays: Arrays, find: Find) -> Any:
    """Structure and shapes of the network; computed in full only where a constructor needs values."""
    try:
        return eqx.filter_eval_shape(lambda: build(description, arrays, find))
    except CONCRETE:
        return build(description, arrays, find)


def check_rebuilds(model: Any, description: Any, arrays: Arrays) -> None:
    """Errors: InputError for a network that its constructor does not rebuild from its settings."""
    find = lambda name: class_of(name, (package_of(name),))  # noqa: E731 - its own classes are trusted
    try:
        again = skeleton(description, arrays, find)
        same = alike(*(eqx.nn.inference_mode(net) for net in (model, again)))
    except InputError:
        raise
    except Exception as error:  # whatever a constructor may raise
        same, reason = False, f", {(str(error).splitlines() or [''])[0] or type(error).__name__}"
    else:
        reason = ""
    if not same:
        raise InputError("a network that its constructor makes again from its settings",
                         f"another one{reason}", "let every field follow from them")  # fmt: skip


def alike(model: Any, other: Any) -> bool:
    """Whether two networks are equal up to the values of arrays and the leading axes of an ensemble."""
    leaves, others = jax.tree.leaves(model), jax.tree.leaves(other)
    return jax.tree.structure(model) == jax.tree.structure(other) and all(
        a.dtype == b.dtype and a.shape[a.ndim - b.ndim :] == b.shape
        if is_array(a) and is_array(b)
        else bool(eqx.tree_equal(a, b))
        for a, b in zip(leaves, others, strict=True)
    )


def setting_names(value: eqx.Module) -> list[str]:
    """The constructor parameters except the key: fields of the same names; others only with a default."""
    taken = {name: p for name, p in inspect.signature(type(value)).parameters.items() if name != "key"}
    for name, parameter in taken.items():
        optional = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        required = not optional and parameter.default is parameter.empty
        if (required and not hasattr(value, name)) or is_method(value, name):
            raise InputError(f"a field for every parameter of {type(value).__name__}", f"none for {name!r}",
                             f"keep it: self.{name} = {name}")  # fmt: skip
    return [name for name in taken if hasattr(value, name)]


def is_method(value: eqx.Module, name: str) -> bool:
    """Whether the class has this attribute, as neither a field nor a property."""
    held = inspect.getattr_static(type(value), name, None)
    return (
        held is not None and not isinstance(held, property) and name not in {f.name for f in dataclasses.fields(value)}
    )


def is_array(leaf: Any) -> bool:
    """Whether a leaf is an array, or the shape of one."""
    return eqx.is_array(leaf) or isinstance(leaf, jax.ShapeDtypeStruct)


def named_arrays(model: Any) -> list[tuple[str, Any]]:
    """(path in the pytree, array) for every array."""
    return [(jax.tree_util.keystr(path), leaf) for path, leaf in jax.tree.leaves_with_path(model) if is_array(leaf)]
