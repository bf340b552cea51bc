# SPDX-License-Identifier: Apache-2.0
"""What the fuzzer feeds: each loader of the package with mutations of a good input.

A loader is a function (rng, folder) -> call: it writes the mutated input into the folder and returns what reads it as
a user's command would.
"""

import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from attack.mutate import HOSTILE, flipped, reworded, varied

__all__ = ["WEIGHTS", "Loader", "loaders"]

Loader = Callable[[random.Random, Path], Callable[[], Any]]
WEIGHTS = {  # inputs of each in a thousand: what is quick gets most
    "terms": 240, "temperature": 80, "hamiltonian": 130, "result": 160, "config": 90, "npz": 80, "npy": 40, "csv": 60,
    "checkpoint": 60, "model": 54, "hdf5": 4, "mat": 2,
}  # fmt: skip
TERMS = (
    "Z(0) Z(1) + 0.5 X(0) - 1.5e-1 X(3)", "Sz(0) Sz(1) + 0.5 Sp(0) Sm(1) + 0.5 Sm(0) Sp(1)", "-1.0 bdag(0) b(1)",
    "cdag(0) c(1) + cdag(1) c(0) + 2 n(0) n(3)", "2 * Z(0) * Z(1)", "1j Y(0) X(1)", "0.25 * X(0) X(1) X(2) X(3)",
)  # fmt: skip
WORDS = ("(", ")", "((", "*", "**", "^", "+", "-", "- -", " ", "X(0)", "Z(", "i", "j", "nan", "inf", "1e999", "1e-320",
         "0", "99999999999", "-1", "1.5", ".", ",", ";", "@@", "é", "\x00", "\n", "e", "j ", "n(0)", "# ", "[0]",
         "X(0)**2", "sum", "/", "1/0", "1_0", "0x1", "True", "None")  # fmt: skip
TEMPERATURES = ("1.5:3.5:41", "2.0 2.2", "1,2,3:4:5", "1e-3", "2:1:3")
NUMBERS = (
    ":",
    "::",
    ",",
    "nan",
    "inf",
    "-",
    "1e999",
    "1e-320",
    "0",
    "99999999999",
    "1e3",
    "x",
    " ",
    "é",
    "0x1",
    "1_0",
    "+",
)
HAMILTONIANS: tuple[dict[str, Any], ...] = (
    {"sites": 4, "terms": ["Z(0) Z(1)", "0.5 X(0)", "X(3)"]},
    {"bond": "Sz(i) Sz(j) + 0.5 Sp(i) Sm(j) + 0.5 Sm(i) Sp(j)", "magnetization": 0, "momentum": [0, 0], "spin_flip": 1,
     "rotations": True, "S": 0.5, "lattice": {"name": "square", "shape": [2, 2], "periodic": True}},
    {"kind": "boson", "particles": 2, "cutoff": 3, "bond": "-1.0 bdag(i) b(j) - 1.0 bdag(j) b(i)", "site": "0.5 n(i)",
     "lattice": {"name": "chain", "shape": [4]}, "momentum": [1]},
    {"kind": "fermion", "particles": [2, 1], "spinful": True, "sites": 3,
     "terms": ["cdag(0) c(1)", "cdag(1) c(0)", "2 n(0) n(3)"]},
    {"kind": "fermion", "particles": 2, "site": "n(i)", "lattice": {"bonds": [[0, 1], [1, 2]]},
     "bond": "cdag(i) c(j) + cdag(j) c(i)"},
)  # fmt: skip
KINDS = (None, None, None, "ising", "potts", "angle", "real", "vector")
TYPES = ("i1", "u8", "f2", "f4", "f8", "c8", "?", "S3", "U2", "i8", ">f4", "f16", "m8[s]")


def loaders(good: Path) -> dict[str, Loader]:
    """Name -> loader, on mutations of the files in `good`."""
    return {
        "terms": terms, "temperature": temperature, "hamiltonian": hamiltonian, "result": of_result(good / "good_run"),
        "config": of_config(good / "good_run" / "config.toml"), "npz": of_npz(good / "good.npz"),
        "npy": of_bytes("f.npy", good / "good.npy"), "csv": of_bytes("f.csv", good / "good.csv"),
        "hdf5": of_bytes("f.h5", good / "good.h5"), "mat": of_bytes("f.mat", good / "good.mat"),
        "checkpoint": of_checkpoint(good), "model": of_model((good / "good_model", good / "chain_model")),
    }  # fmt: skip


def terms(rng: random.Random, folder: Path) -> Callable[[], Any]:
    """Text of operators."""
    from isinglass.systems.quantum.term import parse

    text = reworded(rng, rng.choice(TERMS), WORDS)
    (folder / "terms.txt").write_text(text, encoding="utf-8")
    return lambda: parse(text)


def temperature(rng: random.Random, folder: Path) -> Callable[[], Any]:
    """Words of temperatures."""
    from isinglass.tasks.setting.temperature import parse_temperature

    words = reworded(rng, rng.choice(TEMPERATURES), NUMBERS).split(" ")
    (folder / "temperature.txt").write_text(" ".join(words), encoding="utf-8")
    return lambda: parse_temperature(words)


def hamiltonian(rng: random.Random, folder: Path) -> Callable[[], Any]:
    """A TOML file of a Hamiltonian: entries changed, or its letters."""
    from isinglass.data.hamiltonian import read_hamiltonian

    entries = rng.choice(HAMILTONIANS)
    if rng.random() < 0.3:
        key = rng.choice([k for k, v in entries.items() if isinstance(v, str)] or ["bond"])
        entries = {**entries, key: reworded(rng, str(entries.get(key, "X(i)")), WORDS)}
    else:
        entries = varied(rng, entries)
    content = toml(entries).encode("utf-8", "replace")
    (folder / "h.toml").write_bytes(flipped(rng, content) if rng.random() < 0.2 else content)
    return lambda: read_hamiltonian(folder / "h.toml")


def of_result(run: Path) -> Loader:
    """A run directory whose result.json, or table, is damaged: read and printed, as `show` and `show --json` do."""
    record = json.loads((run / "result.json").read_text(encoding="utf-8"))

    def make(rng: random.Random, folder: Path) -> Callable[[], Any]:
        from isinglass.report.table import render
        from isinglass.result import Result
        from isinglass.run.document import dumps

        text = json.dumps(varied(rng, record)).encode()
        (folder / "result.json").write_bytes(flipped(rng, text) if rng.random() < 0.2 else text)
        (folder / "metrics.csv").write_bytes(flipped(rng, b"step,loss\n1.0,0.5\n2.0,0.25\n") if rng.random() < 0.2 else
                                             b"step,loss\n1.0,0.5\n")  # fmt: skip

        def call() -> Any:
            result = Result.load(folder, whole=False)
            return render(result), dumps(result.to_json())

        return call

    return make


def of_config(path: Path) -> Loader:
    """A config.toml: entries changed, or its bytes."""
    import tomllib

    content = path.read_bytes()
    entries = tomllib.loads(content.decode())

    def make(rng: random.Random, folder: Path) -> Callable[[], Any]:
        from isinglass.run.directory import read_config

        changed = flipped(rng, content) if rng.random() < 0.5 else toml(varied(rng, entries)).encode("utf-8", "replace")
        (folder / "config.toml").write_bytes(changed)
        return lambda: read_config(folder)

    return make


def of_bytes(name: str, path: Path) -> Loader:
    """A data file whose bytes are changed."""
    content = path.read_bytes() if path.exists() else b""

    def make(rng: random.Random, folder: Path) -> Callable[[], Any]:
        from isinglass import data

        (folder / name).write_bytes(flipped(rng, content))
        kind: Any = rng.choice(KINDS)
        return lambda: data.read(folder / name, kind=kind)

    return make


def of_npz(path: Path) -> Loader:
    """An archive of arrays: its bytes changed, the bytes of a member under a right checksum, or other arrays."""
    arrays = {name: array[:24] for name, array in np.load(path).items()}
    arrays["temperature"] = np.repeat([1.0, 2.0, 3.0, 4.0], 6)

    def make(rng: random.Random, folder: Path) -> Callable[[], Any]:
        from isinglass import data

        how = rng.randrange(3)
        content = archive(other_arrays(rng, arrays) if how == 2 else arrays)
        if how == 0:
            content = flipped(rng, content)
        if how == 1:
            content = with_member_changed(rng, content)
        (folder / "f.npz").write_bytes(content)
        kind: Any = rng.choice(KINDS)
        return lambda: data.read(folder / "f.npz", kind=kind)

    return make


def archive(arrays: dict[str, np.ndarray]) -> bytes:
    """A .npz file."""
    made = io.BytesIO()
    np.savez(made, **arrays)  # pyright: ignore[reportArgumentType]
    return made.getvalue()


def other_arrays(rng: random.Random, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays of other shapes, types and numbers, under other names."""
    changed = {}
    with np.errstate(all="ignore"):
        for name, array in arrays.items():
            if rng.random() < 0.4:
                shape = tuple(rng.choice((0, 1, 2, 3, 12, 13)) for _ in range(rng.randrange(4)))
                array = np.resize(array, shape).astype(np.float64).astype(rng.choice(TYPES[:7]))
            if array.dtype.kind == "f" and rng.random() < 0.3:
                array = array * rng.choice((np.nan, 1e300, -1e300, 0, 1e-320))
            if rng.random() < 0.9:
                changed[name if rng.random() < 0.9 else rng.choice(("x", "beta", "T=1.0", "", "energy", "é"))] = array
    if rng.random() < 0.4:
        extra = rng.choice([h for h in HOSTILE if isinstance(h, str | int | float) and abs_small(h)])
        changed[rng.choice(("kind", "channels", "chain", "energy", "boundary"))] = np.asarray(extra)
    return changed


def abs_small(value: Any) -> bool:
    """Is it no whole number that NumPy keeps as an object?"""
    return not isinstance(value, int) or abs(value) < 2**63


def with_member_changed(rng: random.Random, content: bytes) -> bytes:
    """The archive with the bytes of a member changed and its checksum right."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        hit = rng.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, flipped(rng, old.read(name)) if name == hit else old.read(name))
    return made.getvalue()


def of_checkpoint(good: Path) -> Loader:
    """A checkpoint whose bytes, or whose header, are changed."""
    from isinglass.run.checkpoint import load_arrays, save_arrays

    path = good / "checkpoint.safetensors"
    if not path.exists():
        save_arrays(
            path, {"a": np.arange(6.0).reshape(2, 3), "b": np.ones(3, np.int8)}, {"run": {"key": "0"}, "done": 3}
        )
    content = path.read_bytes()

    def make(rng: random.Random, folder: Path) -> Callable[[], Any]:
        (folder / "c.safetensors").write_bytes(safetensors_changed(rng, content))
        return lambda: load_arrays(folder / "c.safetensors")

    return make


def safetensors_changed(rng: random.Random, content: bytes) -> bytes:
    """The file with other bytes, or with a header in which an entry is another."""
    if rng.random() < 0.5:
        return flipped(rng, content)
    size = int.from_bytes(content[:8], "little")
    header = json.dumps(varied(rng, json.loads(content[8 : 8 + size]))).encode()
    return len(header).to_bytes(8, "little") + header + content[8 + size :]


def of_model(folders: tuple[Path, ...]) -> Loader:
    """A saved network: its description varied, or the bytes of one of its two files changed."""
    files = [{path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders]

    def make(rng: random.Random, folder: Path) -> Callable[[], Any]:
        from isinglass.run.model_file import load_model

        one = dict(rng.choice(files))
        how = rng.randrange(4)
        if how < 2:
            one["model.json"] = json.dumps(varied(rng, json.loads(one["model.json"]))).encode()
        elif how == 2:
            one["model.json"] = flipped(rng, one["model.json"])
        else:
            one["model.safetensors"] = safetensors_changed(rng, one["model.safetensors"])
        for name, content in one.items():
            (folder / name).write_bytes(content)
        return lambda: load_model(folder)

    return make


def toml(value: Any) -> str:
    """TOML of a varied value, which may be no table: then a line of nonsense."""
    from isinglass.run.document import to_toml

    if not isinstance(value, dict):
        return f"x = {value!r}"
    try:
        return to_toml(value)
    except Exception:  # noqa: BLE001 - what no TOML can hold
        return f"x = {str(value)[:50]!r}"
