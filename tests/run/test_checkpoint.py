# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: every bit comes back, random keys too; anything damaged is refused and the old file survives."""

import os

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from isinglass.run.checkpoint import load_checkpoint, save_checkpoint


def tree():
    return {
        "key": jax.random.split(jax.random.key(3), 2),
        "spins": jnp.asarray([[1, -1], [-1, 1]], jnp.int8),
        "bits": np.arange(3, dtype=np.uint64) << 60,
        "mask": jnp.asarray([True, False]),
        "tiny": (jnp.float32(1e-42), jnp.asarray([jnp.inf, -0.0])),
        "empty": jnp.zeros((0, 3)),
        "name": "kept as it is",
    }


def blank(value):
    keep = isinstance(value, str) or jnp.issubdtype(value.dtype, jax.dtypes.prng_key)
    return value if keep else np.zeros_like(value) if isinstance(value, np.ndarray) else jnp.zeros_like(value)


def test_every_bit_comes_back(tmp_path):
    path, saved = tmp_path / "state", tree()
    save_checkpoint(path, saved, {"step": 7, "records": [0.1, 1e-300]})
    like = jax.tree.map(blank, saved) | {"key": jax.random.split(jax.random.key(0), 2)}
    loaded, metadata = load_checkpoint(path, like)
    assert metadata == {"step": 7, "records": [0.1, 1e-300]}
    assert loaded["name"] == "kept as it is"
    assert np.array_equal(jax.random.normal(loaded["key"][1]), jax.random.normal(saved["key"][1]))
    for a, b in zip(jax.tree.leaves(saved), jax.tree.leaves(loaded), strict=True):
        if not isinstance(a, str) and not jnp.issubdtype(a.dtype, jax.dtypes.prng_key):
            assert (a.dtype, np.shape(a), np.asarray(a).tobytes()) == (b.dtype, np.shape(b), np.asarray(b).tobytes())


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def count_further(path):
    """A counter, of as many digits, of which the arrays know nothing."""
    content = path.read_bytes()
    assert content.count(b": 300") == 1
    path.write_bytes(content.replace(b": 300", b": 900"))


DAMAGES = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-5]),
    "empty": lambda path: path.write_bytes(b""),
    "pickled": lambda path: path.write_bytes(b"\x80\x04K\x01."),
    "one bit": flip_a_bit,
    "a counter": count_further,
    "foreign": lambda path: save_file({"a": np.zeros(3)}, path),
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_files_are_refused_in_one_line(tmp_path, damage):
    path = tmp_path / "state"
    save_checkpoint(path, {"a": np.arange(100)}, {"done": 300})
    load_checkpoint(path, {"a": np.zeros(100, int)})
    DAMAGES[damage](path)
    with pytest.raises(ValueError, match="expected .*; found .*; ") as caught:
        load_checkpoint(path, {"a": np.zeros(100, int)})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("like", [{"a": np.zeros(4)}, {"a": np.zeros(3, np.float32)}, {"b": np.zeros(3)}])
def test_another_structure_is_refused(tmp_path, like):
    save_checkpoint(tmp_path / "state", {"a": np.zeros(3)})
    with pytest.raises(ValueError, match="expected .*; found .*; use the settings"):
        load_checkpoint(tmp_path / "state", like)


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "state"
    save_checkpoint(path, {"a": np.arange(3)})

    def disk_full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space"):
        save_checkpoint(path, {"a": np.arange(3) + 1})
    monkeypatch.undo()
    assert np.array_equal(load_checkpoint(path, {"a": np.zeros(3, int)})[0]["a"], np.arange(3))
    assert [file.name for file in tmp_path.iterdir()] == ["state"]
