# SPDX-License-Identifier: Apache-2.0
"""Which key of a file holds which label: the one that was said, else a usual name; never a guess between two."""

import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from isinglass.errors import InputError

__all__ = ["LabelKeys", "StoredFrame", "chosen_key", "fits", "listed_keys", "may_be_forces",
           "of_stress"]  # fmt: skip

StoredFrame = dict[str, Any]  # all that a frame holds besides positions and numbers, by key
USUAL = {  # without case and signs; the first is preferred where several hold the same values
    "energy": "energy refenergy energyref dftenergy energydft totalenergy etot potentialenergy epot".split(),
    "forces": "forces force refforces refforce forcesref forceref dftforces dftforce forcesdft forcedft".split(),
    "stress": "stress refstress stressref dftstress stressdft".split(),
    "weight": ["configweight"],
    "group": "configtype group".split(),
}
LAST = {"energy": ["freeenergy"]}  # taken where there is no other


@dataclass(frozen=True)
class LabelKeys:
    """What is said of a file's labels; None: found by the usual names.  Units and signs of stresses are never found."""

    energy_key: str | None = None
    forces_key: str | None = None
    stress_key: str | None = None
    virial_key: str | None = None  # W = -V stress, in eV
    weight_key: str | None = None
    group_key: str | None = None
    stress_unit: Literal["eV/A^3", "GPa", "kbar", "bar"] | None = None
    stress_sign: Literal["tension", "pressure"] | None = None  # what is positive; ASE: tension, VASP's output: pressure
    stress_order: Literal["voigt", "vasp"] | None = None  # six numbers: xx yy zz yz xz xy, or xx yy zz xy yz xz


def plain_name(name: str) -> str:
    """Lower case, letters and digits alone."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def fits(kind: str, value: Any, n: int) -> bool:
    """Whether a value has the shape of such a label in a frame of n atoms."""
    if kind == "group":
        return isinstance(value, str)
    try:
        array = np.asarray(value)
    except ValueError:  # lists of different lengths
        return False
    if array.dtype.kind not in "fiu":
        return False
    if kind in ("energy", "weight"):
        return array.shape in ((), (1,))
    return array.shape == (n, 3) if kind == "forces" else array.size in (6, 9)


def listed_keys(frames: list[StoredFrame]) -> str:
    """The keys of a file, for a message."""
    names = sorted({name for frame in frames for name in frame}, key=str.lower)
    return ", ".join(f"`{name}`" for name in names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")


def of_stress(name: str) -> bool:
    """Whether a key is that of a stress or a virial."""
    return re.search("stress|virial", plain_name(name)) is not None


def may_be_forces(frames: list[StoredFrame], sizes: list[int]) -> list[str]:
    """The keys of three numbers an atom."""
    rows = zip(frames, sizes, strict=True)
    return [key for frame, n in rows for key in frame if fits("forces", frame[key], n) and not of_stress(key)]


def chosen_key(kind: str, frames: list[StoredFrame], sizes: list[int], wanted: str | None, where: str) -> str | None:
    """The key of the labels of a kind; None where none has a usual name.

    Errors: InputError where the wanted one is not there, or two usual ones hold different values.
    """
    if wanted is not None:
        if not any(wanted in frame for frame in frames):
            raise InputError(
                f"the key `{wanted}` in {where}", listed_keys(frames) or "no keys", f"say {kind}_key='NAME'"
            )
        return wanted
    held = dict.fromkeys(k for frame, n in zip(frames, sizes, strict=True) for k in frame if fits(kind, frame[k], n))
    for usual in (USUAL[kind], LAST.get(kind, [])):
        names = sorted((name for name in held if plain_name(name) in usual), key=lambda k: usual.index(plain_name(k)))
        if len(names) > 1:
            refuse_rivals(kind, names, frames, where)
        if names:
            return names[0]
    return None


def refuse_rivals(kind: str, names: list[str], frames: list[StoredFrame], where: str) -> None:
    """Errors: InputError where keys of one meaning do not hold the same values in each frame."""
    first = names[0]
    for k, frame in enumerate(frames):
        for name in names[1:]:
            alike = first in frame and name in frame and equal(frame[first], frame[name])
            if not alike and (first in frame or name in frame):
                found = f"`{first}` and `{name}`, which are not equal in frame {k}"
                raise InputError(f"one key of {kind} in {where}", found, f"say {kind}_key='{name}', for example")


def equal(a: Any, b: Any) -> bool:
    """Whether two values are the same."""
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-9, atol=0, equal_nan=True)
