# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: any pytree of arrays, bit for bit, and JSON metadata, in one safetensors file. Never pickle."""

import json
import os
import zlib
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from isinglass.run.model_file import as_pairs, from_pairs
from isinglass.run.output import write_atomically

__all__ = [
    "filled",
    "load_arrays",
    "load_checkpoint",
    "save_arrays",
    "save_checkpoint",
]

FORMAT = "isinglass-checkpoint-2"


def save_arrays(path: str | os.PathLike, arrays: dict[str, np.ndarray], metadata: dict[str, Any]) -> None:
    """Write named arrays and JSON metadata to one file, with a checksum of all that it holds."""
    text = json.dumps(metadata)
    header = {"format": FORMAT, "checksum": str(checksum(arrays, text)), "metadata": text}
    write_atomically(path, to_safetensors(arrays, metadata=header))


def load_arrays(path: str | os.PathLike) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and metadata of `save_arrays`.  Errors: ValueError for a truncated, damaged or foreign file."""
    if not Path(path).is_file():
        raise ValueError(f"expected a checkpoint at {path}; found no such file; check the path or start afresh.")
    try:
        with safe_open(path, framework="numpy") as file:
            header = file.metadata() or {}
            arrays = {name: np.asarray(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, TypeError) as error:
        raise damaged(path, f"one that safetensors cannot read ({str(error).splitlines()[0]})") from None
    if header.get("format") != FORMAT:
        raise damaged(path, f"a safetensors file with format {header.get('format')!r}, expected {FORMAT!r}")
    if header.get("checksum") != str(checksum(arrays, header.get("metadata", ""))):
        raise damaged(path, "contents that differ from their checksum")
    try:
        return arrays, json.loads(header["metadata"])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise damaged(path, "metadata that are not JSON") from None


def save_checkpoint(path: str | os.PathLike, tree: Any, metadata: dict[str, Any] | None = None) -> None:
    """Write the arrays of `tree` (random keys included) and JSON `metadata`.  Law: load(save(x)) = x, every bit."""
    save_arrays(path, {name: plain(leaf) for name, leaf in named_arrays(tree)}, metadata or {})


def load_checkpoint(path: str | os.PathLike, like: Any) -> tuple[Any, dict[str, Any]]:
    """Read what `save_checkpoint` wrote into the structure of `like`; its non-array leaves are kept as they are."""
    arrays, metadata = load_arrays(path)
    return filled(path, arrays, like), metadata


def filled(path: str | os.PathLike, arrays: dict[str, np.ndarray], like: Any) -> Any:
    """`like` with its arrays replaced by these.  Errors: ValueError where names, shapes or types differ."""
    names = [name for name, _ in named_arrays(like)]
    if set(names) != set(arrays):
        odd = sorted(set(names) ^ set(arrays))
        raise ValueError(
            f"expected a checkpoint of the same run with {len(names)} arrays; found {len(arrays)} in {path}, differing "
            f"in {', '.join(odd[:3])}; use the settings it was written with, or start afresh."
        )
    restored = iter([restore(path, name, arrays[name], leaf) for name, leaf in named_arrays(like)])
    return jax.tree.map(lambda leaf: next(restored) if is_array(leaf) else leaf, like)


def is_array(leaf: Any) -> bool:
    """Whether a leaf is saved: arrays of JAX (random keys included) and NumPy are, other leaves are structure."""
    return isinstance(leaf, jax.Array | np.ndarray)


def is_key(leaf: Any) -> bool:
    """Whether a leaf is an array of typed random keys."""
    return isinstance(leaf, jax.Array) and jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def named_arrays(tree: Any) -> list[tuple[str, Any]]:
    """(path in the pytree, array) for every array."""
    return [
        (jax.tree_util.keystr(path) or ".", leaf) for path, leaf in jax.tree.leaves_with_path(tree) if is_array(leaf)
    ]


def plain(leaf: Any) -> np.ndarray:
    """A leaf as a NumPy array; random keys by their data."""
    if is_key(leaf):
        return np.ascontiguousarray(jax.random.key_data(leaf)).reshape(-1)
    pairs = as_pairs(np.asarray(leaf))
    return np.ascontiguousarray(pairs).reshape(pairs.shape)


def restore(path: str | os.PathLike, name: str, array: np.ndarray, like: Any) -> Any:
    """`array` as the same type as `like`: JAX, NumPy or random keys."""
    wanted = plain(like)
    if (array.shape, array.dtype) != (wanted.shape, wanted.dtype):
        raise ValueError(
            f"expected {name} of {wanted.dtype}{list(wanted.shape)}; found {array.dtype}{list(array.shape)} in {path}; "
            "use the settings it was written with, or start afresh."
        )
    if is_key(like):
        data = jnp.asarray(array).reshape(jax.random.key_data(like).shape)
        return jax.random.wrap_key_data(data, impl=jax.random.key_impl(like))
    array = from_pairs(array, like.dtype)
    return jnp.asarray(array) if isinstance(like, jax.Array) else array


def checksum(arrays: dict[str, np.ndarray], metadata: str) -> int:
    """CRC-32 of the metadata, and of name, type, shape and numbers of all arrays."""
    total = zlib.crc32(metadata.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total = zlib.crc32(f"{name} {array.dtype} {arrays[name].shape}".encode(), total)
        total = zlib.crc32(array.data, total)
    return total


def damaged(path: str | os.PathLike, found: str) -> ValueError:
    """The error for a file that cannot be used, in one line."""
    return ValueError(f"expected a whole isinglass file at {path}; found {found}; restore a copy or start afresh.")
