# SPDX-License-Identifier: Apache-2.0
"""Networks on disk: arrays in `model.safetensors`, classes and settings in `model.json`. Never pickle.

Any equinox Module can be stored whose constructor parameters, apart from `key`, are fields of the same names:
numbers, text, tuples, lists, dicts, JAX arrays, or such Modules.  Its class is stored by name (`class_name.py`).
"""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file
from safetensors.numpy import save as to_safetensors

from isinglass.errors import InputError
from isinglass.run.class_name import class_of
from isinglass.run.document import read_json
from isinglass.run.input.regular_file import file_size
from isinglass.run.model_description import check_rebuilds, describe, is_array, named_arrays, skeleton
from isinglass.run.text.record import ModelTable, NumberType
from isinglass.run.text.schema import typed

__all__ = ["as_pairs", "from_pairs", "load_generator", "load_model", "save_model", "save_models"]

FORMAT = "isinglass-model-2"


class ModelRecord(NamedTuple):
    """A network as a JSON description and named arrays."""

    description: Any  # plain JSON
    arrays: dict[str, Any]  # JAX or NumPy arrays, as in the network


def save_model(folder: str | os.PathLike, model: Any) -> None:
    """Write a network, an ensemble of stacked ones, or a dict of these.  Law: load(save(f)) = f, every bit.

    Errors: InputError for a network that cannot be rebuilt from its class and settings.
    """
    write(Path(folder), record(model))


def save_models(folder: str | os.PathLike, models: Mapping[str, Any]) -> list[str]:
    """Write the models that can be stored, as one dict; returns a sentence for each other: reason and fix."""
    described, arrays, refusals = {}, {}, []
    for name, model in models.items():
        try:
            description, its_arrays = record({name: model})
        except Exception as error:  # whatever a class may raise: the other models are kept
            why = (str(error).splitlines() or [""])[0] or type(error).__name__
            refusals.append(f"the model {name!r} ({type(model).__name__}) was not saved: {why}")
            continue
        described |= description["dict"]
        arrays |= its_arrays
    if described:
        write(Path(folder), ModelRecord({"dict": described}, arrays))
    return refusals


def load_model(folder: str | os.PathLike, *, allow: Collection[str] = ()) -> Any:
    """The network or dict that `save_model` wrote, in inference mode.

    `allow`: names of the packages besides isinglass whose classes may be loaded, ("mypackage",); "__main__" for those
    of the running program.  A model.json names classes, and to load one imports its package, which may run any code,
    and calls its constructor: allow only packages that you trust.  Only equinox Modules are loaded.
    Errors: ValueError of one line for a damaged or foreign file; InputError for a class of another package.
    """
    folder = Path(folder)
    description, arrays = read(folder)
    try:
        model = skeleton(description, arrays, lambda name: class_of(name, allow))
    except InputError as error:
        expected = f"a saved isinglass model in {folder}, with {error.expected}"
        raise InputError(expected, error.found, error.fix) from None
    except Exception as error:  # whatever a constructor may raise
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise unreadable(folder, f"settings that build no network ({reason})") from None
    leaves = named_arrays(model)
    if odd := {name for name, _ in leaves} ^ set(arrays):
        raise unreadable(folder, f"arrays {sorted(odd)[:3]} in only one of the two files")
    for name, leaf in leaves:
        array = arrays[name]
        if array.dtype != leaf.dtype or array.shape[array.ndim - leaf.ndim :] != leaf.shape:
            raise unreadable(folder, f"{name} of {array.dtype}{list(array.shape)}, not {leaf.dtype}{list(leaf.shape)}")
    filled = iter([arrays[name] for name, _ in leaves])
    return eqx.nn.inference_mode(jax.tree.map(lambda leaf: next(filled) if is_array(leaf) else leaf, model))


def load_generator(folder: str | os.PathLike, shape: tuple[int, ...], *, allow: Collection[str] = ()) -> Any:
    """A saved flow or other generator of configurations.  Errors: ValueError for one of another shape."""
    model = load_model(folder, allow=allow)
    found = tuple(model.shape) if hasattr(model, "shape") else None
    if found != tuple(shape):
        made_for = f"one for {found}" if found else f"a {type(model).__name__}, which does not generate configurations"
        raise ValueError(f"expected a model for the lattice {tuple(shape)} in {folder}; found {made_for}; train again.")
    return model


def record(model: Any) -> ModelRecord:
    """The record of a network, after a check that it can be loaded."""
    leaves = dict(named_arrays(model))
    description = describe(model, {id(leaf): name for name, leaf in leaves.items()})
    check_rebuilds(model, description, leaves)
    odd = [f"{name} of {leaf.dtype}" for name, leaf in leaves.items() if str(leaf.dtype) not in get_args(NumberType)]
    if odd:
        raise InputError("a network of integers, real and complex numbers", odd[0], "store it as one of these")
    return ModelRecord(description, leaves)


def write(folder: Path, made: ModelRecord) -> None:
    """Write both files, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    types = {name: str(array.dtype) for name, array in made.arrays.items()}
    numpy = [name for name, array in made.arrays.items() if not isinstance(array, jax.Array)]
    document = {"format": FORMAT, "model": made.description, "arrays": types, "numpy": numpy}
    pairs = {name: as_pairs(np.array(array, order="C")) for name, array in made.arrays.items()}
    contents = {"model.safetensors": to_safetensors(pairs), "model.json": json.dumps(document, indent=1).encode()}
    for name, content in contents.items():
        temporary = folder / f".{name}.new"
        temporary.write_bytes(content)
        os.replace(temporary, folder / name)


def read(folder: Path) -> ModelRecord:
    """The record in a folder.  Errors: ValueError for foreign or damaged files."""
    if not (folder / "model.json").is_file():
        raise unreadable(folder, "no model.json")
    try:
        document = typed(read_json(folder / "model.json"), ModelTable, "model.json")
        if (folder / "model.safetensors").exists():
            file_size(folder / "model.safetensors", "a network")
        arrays = load_file(folder / "model.safetensors")
    except FileNotFoundError as error:
        raise unreadable(folder, f"no {Path(error.filename or 'model.safetensors').name}") from None
    except (SafetensorError, OSError, ValueError) as error:
        raise unreadable(folder, str(error).splitlines()[0]) from None
    types = document.arrays
    if odd := types.keys() ^ arrays.keys():
        raise unreadable(folder, f"arrays {sorted(odd)[:3]} in only one of the two files")
    arrays = {name: from_pairs(array, types[name]) for name, array in arrays.items()}
    arrays = {name: array if name in document.numpy else jnp.asarray(array) for name, array in arrays.items()}
    if odd := [name for name, array in arrays.items() if str(array.dtype) != types[name]]:
        raise unreadable(folder, f"{odd[0]} of {arrays[odd[0]].dtype}, not {types[odd[0]]}")
    return ModelRecord(document.model, arrays)


def as_pairs(array: np.ndarray) -> np.ndarray:
    """Complex numbers as (real, imaginary) along a last axis, for safetensors; other arrays unchanged."""
    return np.stack([np.real(array), np.imag(array)], axis=-1) if np.iscomplexobj(array) else array


def from_pairs(array: np.ndarray, dtype: Any) -> np.ndarray:
    """The inverse of `as_pairs` for an array of type `dtype`."""
    if not jnp.issubdtype(dtype, jnp.complexfloating) or array.shape[-1:] != (2,):
        return array
    pairs = np.ascontiguousarray(array)
    return pairs.view(np.result_type(array.dtype, np.complex64))[..., 0]


def unreadable(folder: Path, found: str) -> ValueError:
    """The error for a model that cannot be loaded, in one line."""
    return ValueError(f"expected a saved isinglass model in {folder}; found {found}; restore a copy or train again.")
