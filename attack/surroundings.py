# SPDX-License-Identifier: Apache-2.0
"""Strange surroundings: locales, closed streams, terminals, homes, switches of JAX; each in a process of its own.

What works must give the same bits as in plain surroundings; what cannot work is refused in one line.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attack.case import DONE, REFUSED, WORKS, Case

__all__ = ["cases", "numbers_of"]

ASCII = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
GROUND = ("ground-state", "good.toml", "--ansatz", "exact", "--out", "o")
CHAINS = ("sample", "ising", "--shape", "4", "4", "--temperature", "2", "3", "--samples", "64", "--out", "o.nc")
SHOWN = (("list",), ("show", "good_run"), ("compare", "good_run", "good_run"), ("sample", "--help"), ("--help",),
         ("run", "ising-phases", "--help"))  # fmt: skip
STRANGE: tuple[dict[str, str | None], ...] = (
    ASCII, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}, {"COLUMNS": "1"}, {"COLUMNS": "0"},
    {"COLUMNS": "x"}, {"COLUMNS": "-5"}, {"TERM": "dumb", "NO_COLOR": "1"}, {"TERM": ""},
)  # fmt: skip
HOMES: tuple[dict[str, str | None], ...] = (
    {"HOME": None, "JAX_COMPILATION_CACHE_DIR": None}, {"HOME": "/etc/passwd", "JAX_COMPILATION_CACHE_DIR": None},
    {"HOME": "", "JAX_COMPILATION_CACHE_DIR": None}, {"JAX_COMPILATION_CACHE_DIR": "/proc/1/x"},
    {"MPLCONFIGDIR": "/proc/1"}, {"MPLBACKEND": "nonsense"}, {"MPLBACKEND": "TkAgg"}, {"TMPDIR": "/no/such"},
)  # fmt: skip
CLOSED = {  # what a shell closes or fills before it runs the command
    "stdout closed": ("sh", "-c", 'exec "$@" >&-', "sh"), "stderr closed": ("sh", "-c", 'exec "$@" 2>&-', "sh"),
    "stdin closed": ("sh", "-c", 'exec "$@" <&-', "sh"), "all closed": ("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh"),
    "read by head": ("bash", "-c", 'set -o pipefail; "$@" | head -n 1 >/dev/null', "bash"),
    "read by nobody": ("sh", "-c", '"$@" | true', "sh"),
}  # fmt: skip
FULL = ("sh", "-c", 'exec "$@" >/dev/full', "sh")


def cases() -> list[Case]:
    """All of them."""
    return [*of_text(), *of_streams(), *of_homes(), *of_jax()]


def of_text() -> Iterator[Case]:
    """Letters that the terminal has not, and no room for them."""
    for changes in STRANGE:
        for words in SHOWN:
            yield Case("surroundings", words, WORKS if "good_run" not in words else DONE, environment=changes)
        yield Case("surroundings", GROUND, DONE, environment=changes)
        yield Case("surroundings", ("sample", "isng", "--out", "ü.nc"), REFUSED, environment=changes)
    yield Case("surroundings", ("ground-state", "é 空.toml", "--out", "ü"), REFUSED, environment=ASCII,
               files={"é 空.toml": b'sites = 3\nterms = ["Z(0) Z(1)", "X(2)"]\n'})  # fmt: skip


def of_streams() -> Iterator[Case]:
    """Streams that are closed, or full."""
    for wrapper in CLOSED.values():
        for words in (*SHOWN, GROUND, CHAINS):
            yield Case("surroundings", words, DONE, wrapper=wrapper)
    for words in SHOWN:
        yield Case("surroundings", words, REFUSED, wrapper=FULL)


def of_homes() -> Iterator[Case]:
    """Homes and caches that are none."""
    for changes in HOMES:
        yield Case("surroundings", GROUND, DONE, environment=changes)
    for changes in HOMES[:4]:
        yield Case("surroundings", CHAINS, DONE, environment=changes)


def of_jax() -> Iterator[Case]:
    """Switches of JAX: 32 bit is said, words that are none and devices that are absent are refused."""
    off: dict[str, str | None] = {"JAX_ENABLE_X64": "0"}
    for words in (GROUND, CHAINS):
        yield Case("surroundings", words, (0, 1, 2), environment=off, says="32 bit")
        yield Case("surroundings", (*words, "--json"), (0, 1, 2), environment=off, says="32 bit")
        yield Case("surroundings", words, environment={"JAX_ENABLE_X64": "maybe"}, says="JAX_ENABLE_X64")
        yield Case("surroundings", words, environment={"JAX_PLATFORMS": "cuda"}, says="cuda")
        yield Case("surroundings", words, environment={"JAX_PLATFORMS": "nonsense"}, says="nonsense")
        yield Case("surroundings", words, DONE, environment={"JAX_NUMPY_RANK_PROMOTION": "raise"})
        yield Case("surroundings", words, DONE, environment={"JAX_DEBUG_NANS": "1"})
        yield Case("surroundings", words, DONE, environment={"XLA_FLAGS": "--xla_force_host_platform_device_count=3"})
    yield Case("surroundings", ("doctor",), DONE, environment=off, says=r"64-bit +off")
    yield Case("surroundings", ("list",), REFUSED, environment={"JAX_ENABLE_X64": "maybe"})


def numbers_of(path: Path) -> Any:
    """What a run wrote, without times and versions of the surroundings: to be held against another's bits."""
    if path.is_dir():
        record = json.loads((path / "result.json").read_text(encoding="utf-8"))
        return record["estimates"], [digest(file) for file in sorted(path.glob("model.safetensors"))]
    import h5py

    with h5py.File(path) as file:
        return {name: hashlib.sha256(file[name][()].tobytes()).hexdigest() for name in sorted(file)}  # pyright: ignore


def digest(path: Path) -> str:
    """Of the bytes of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
