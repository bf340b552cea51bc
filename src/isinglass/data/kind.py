# SPDX-License-Identifier: Apache-2.0
"""The kind of the variables of a configuration, from their values.

| values                                                                   | kind   | kept as                    |
|--------------------------------------------------------------------------|--------|----------------------------|
| any two (-1 and 1, 0 and 1, 0 and 255, -0.5 and 0.5)                     | ising  | int8, s = ±1               |
| 3 to 32 integers (0 .. q-1, 1 .. q, 10, 20, 30), or equal steps of a turn| potts  | int8, 0 .. q-1             |
| few numbers ±S, ±(S-1), ... of a spin S > 1/2                            | real   | float64                    |
| complex numbers of one modulus; floats that fill a turn, or jump by turns| angle  | float64, in radian         |
| other complex numbers                                                    | vector | float64, two components    |
| other floats                                                             | real   | float64                    |

A field that merely lies within ±π (φ⁴, say) does not fill the circle and counts as real.  `kind` and `period`, or an
attribute `kind` of the file, override the table; integers that fit none are asked for.
"""

import math
from typing import NamedTuple, get_args

import numpy as np
from jaxtyping import Shaped

from isinglass.data.configurations import Kind
from isinglass.data.turn import found_turn
from isinglass.errors import InputError

__all__ = ["KINDS", "Variables", "as_kind", "detect_kind", "variables"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MOST_STATES = 32
UNEQUAL = 1.5  # ratio of the two minority states beside a majority from which three states are not Potts'


class Variables(NamedTuple):
    """The values as they are kept, and what was found, in words."""

    x: np.ndarray
    kind: Kind
    words: str


def variables(
    x: np.ndarray, *, kind: str | None = None, period: float | None = None, inner: str = "", where: str = "the data",
    angles: bool = False,
) -> Variables:  # fmt: skip
    """Values [n, *site], or [n, *site, c] where `inner` says what the last axis is, as kept for their kind.

    `angles`: the array is named so; in radian if the values span no more than two turns, else their period is asked.
    Errors: InputError for values that do not fit, or may mean several things.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"a kind among {', '.join(KINDS)}", repr(kind), "choose one of them, or none to have it found")
    if inner == "state":
        q = x.shape[-1]
        x, said = x.argmax(axis=-1), f" (one of {q} marked by 1)"
    elif (inner == "vector" or kind == "vector") and x.dtype.kind != "c":
        return Variables(x.astype(np.float64), "vector", f"spins of {x.shape[-1]} components{unit(x)}")
    else:
        said = ""
    if x.dtype.kind == "c":
        return from_complex(x, where)
    if period is not None or kind == "angle":
        return as_angle(x, period)
    if kind == "real":
        return Variables(x.astype(np.float64), "real", f"real numbers {x.min():.4g} ... {x.max():.4g}")
    few = few_values(x)
    if few is not None and (kind in ("ising", "potts") or inner == "state" or len(few) <= 2):
        return from_labels(x, few, kind, said)
    if kind in ("ising", "potts"):
        most = 2 if kind == "ising" else 127
        found = f"values from {x.min():g} to {x.max():g} in {where}"
        raise InputError(f"{kind} variables of at most {most} values", found, "choose another kind")
    found = from_few(x, few, where) if few is not None else from_many(x, where)
    if found.kind == "real" and angles:
        if np.ptp(found.x) > 4 * math.pi:
            raise InputError("the period of the angles", f"{found.words} in {where}", "say period=360, for example")
        return found._replace(kind="angle", words="angles in radian (by their name)")
    return found


def detect_kind(x: Shaped[np.ndarray, "..."]) -> Kind:
    """The kind according to the table above.  Errors: InputError for integers that fit none."""
    return variables(x).kind


def as_kind(x: Shaped[np.ndarray, "..."], kind: str) -> Shaped[np.ndarray, "..."]:
    """The values as stored for this kind.  Errors: InputError for values that do not fit it."""
    return variables(x, kind=kind).x


def few_values(x: np.ndarray) -> np.ndarray | None:
    """The distinct values, ascending, where there are at most 127; else None."""
    if x.dtype.kind in "iub" and x.dtype.itemsize == 1:
        low = int(x.min())
        few = np.flatnonzero(np.bincount(x.reshape(-1).astype(np.int16) - low)) + low
        return few if len(few) <= 127 else None
    some = np.unique(x.reshape(-1)[:: max(1, x.size // 10000)])
    few = np.unique(x) if len(some) <= 127 else some
    return few if len(few) <= 127 else None


def from_labels(x: np.ndarray, few: np.ndarray, kind: str | None, said: str = "") -> Variables:
    """Two values as spins ±1, more as 0 .. q-1, in ascending order; those that are so already stay."""
    if len(few) > 2 and kind == "ising":
        raise InputError("Ising spins of two values", f"{len(few)} values from {few[0]:g} to {few[-1]:g}",
                         "choose another kind")  # fmt: skip
    if kind == "potts" or len(few) > 2:
        kept = few[0] >= 0 and few[-1] < 127 and np.array_equal(few, np.rint(few)) and few[0] == 0
        y = (x if kept else np.searchsorted(few, x)).astype(np.int8)
        q = int(y.max()) + 1
        changed = "" if kept else f" (labels {listed(few)})"
        return Variables(y, "potts", f"Potts states 0 ... {q - 1}{changed}{said}, q = {q}")
    if set(few.tolist()) <= {-1, 1}:
        return Variables(x.astype(np.int8), "ising", f"Ising spins -1/1{said}")
    if set(few.tolist()) <= {0, 1}:
        return Variables(2 * x.astype(np.int8) - np.int8(1), "ising", f"Ising spins -1/1 (0/1 in the file){said}")
    if len(few) < 2:
        raise InputError("values that differ", f"{few[0]:g} everywhere", "store the configurations of a simulation")
    y = np.where(x == few[0], -1, 1).astype(np.int8)
    return Variables(y, "ising", f"Ising spins -1/1 ({few[0]:g}/{few[1]:g} in the file){said}")


def from_few(x: np.ndarray, few: np.ndarray, where: str) -> Variables:
    """Three values or more: states, steps of a turn, or the values of a larger spin."""
    q, steps = len(few), np.diff(few)
    equal = bool(np.ptp(steps) < 1e-3 * steps.mean())
    whole = bool(np.array_equal(few, np.rint(few)))
    if equal and not whole and any(abs(q * steps.mean() - turn) < 1e-3 * turn for turn in (2 * math.pi, 360, 1)):
        y = np.rint((x - few[0]) / steps.mean()).astype(np.int8)
        return Variables(y, "potts", f"clock states 0 ... {q - 1} (steps of 1/{q} turn), q = {q}")
    if abs(few[0] + few[-1]) < 1e-3 * abs(few[-1]) and equal and q <= MOST_STATES:
        if q == 3 and equal_minorities(x, few):
            return from_labels(x, few, "potts")
        return Variables(x.astype(np.float64), "real", f"spins of {q} values {few[0]:g} ... {few[-1]:g} as numbers")
    if whole and q <= MOST_STATES and (few[0] >= 0 or equal):
        if equal and q > 4 and steps[0] > 1 and abs(q * steps[0] - 360) < 1:
            return from_labels(x, few, "potts", " in steps of a turn")
        return from_labels(x, few, "potts")
    if whole:
        raise unclear(x, where, f"{q} integers from {few[0]:g} to {few[-1]:g}")
    return from_many(x, where)


def equal_minorities(x: np.ndarray, few: np.ndarray) -> bool:
    """Whether the other two states are equally frequent beside each majority, as the symmetry of Potts states wants."""
    rows = x.reshape(len(x), -1)
    share = np.stack([(rows == value).mean(axis=1) for value in few], axis=1)
    major = share.argmax(axis=1)
    for a in range(3):
        b, c = (share[major == a].mean(axis=0)[k] if (major == a).any() else 1.0 for k in range(3) if k != a)
        if max(b, c) > UNEQUAL * min(b, c):
            return False
    return True


def from_complex(x: np.ndarray, where: str) -> Variables:
    """exp(iθ) as θ; other complex fields as two components."""
    modulus = np.abs(x)
    if not np.isfinite(modulus).all() or modulus.max() == 0:
        raise InputError("complex numbers other than 0", f"0 everywhere in {where}", "store angles or spins")
    if np.abs(np.imag(x)).max() == 0:
        return variables(np.real(x), where=where)
    if np.ptp(modulus) < 2e-3 * modulus.mean():
        return Variables(np.angle(x).astype(np.float64), "angle", "angles (complex numbers of one modulus)")
    pair = np.stack([np.real(x), np.imag(x)], axis=-1).astype(np.float64)
    return Variables(pair, "vector", "complex numbers as spins of 2 components")


def as_angle(x: np.ndarray, period: float | None) -> Variables:
    """Angles in radian, of a period that is given or else 2π."""
    if period is not None and not (math.isfinite(period) and period > 0):
        raise InputError("a period above 0, finite", f"{period}", "write period=360, for example")
    y = x.astype(np.float64)
    if period is None:
        return Variables(y, "angle", "angles in radian")
    return Variables(y * (2 * math.pi / period), "angle", f"angles of period {period:g}")


def from_many(x: np.ndarray, where: str) -> Variables:
    """Angles where a turn is seen, else numbers.  Errors: InputError where the values may be either."""
    low, high = float(x.min()), float(x.max())
    turn = found_turn(x)
    if x.dtype.kind in "iub" and (turn is None or turn.period != 360):
        raise unclear(x, where, f"integers from {low:g} to {high:g}")
    if turn is None:
        return Variables(x.astype(np.float64), "real", f"real numbers {low:.4g} ... {high:.4g}")
    if turn.unclear:
        found = f"numbers that fill {low:.4g} ... {high:.4g} evenly in {where}"
        fix = f"say kind='angle' with period={turn.period:g}, or kind='real'"
        raise InputError("to know what the values mean", found, fix)
    y = x.astype(np.float64)
    unit_name = {360.0: "in degrees", 1.0: "in turns"}.get(turn.period, "in radian")
    y = y if unit_name == "in radian" else y * (2 * math.pi / turn.period)
    wound = f", unwrapped {low:.4g} ... {high:.4g}" if turn.unwrapped else ""
    return Variables(y, "angle", f"angles {unit_name}{wound}")


def unclear(x: np.ndarray, where: str, found: str) -> InputError:
    """The question what integers mean."""
    return InputError(
        "spins of two values, or Potts values of at most 32", f"{found} in {where}",
        "say kind='real' for numbers, kind='potts' for labels, or kind='angle' with period=256, for example",
    )  # fmt: skip


def unit(x: np.ndarray) -> str:
    """The length of vectors, where it is not 1."""
    length = np.sqrt(np.square(x[:100], dtype=np.float64).sum(axis=-1))
    mean = float(length.mean())
    return (
        "" if abs(mean - 1) < 2e-3 else f" of length {mean:.4g}" if np.ptp(length) < 2e-3 * mean else " of any length"
    )


def listed(few: np.ndarray) -> str:
    """The values, shortened where they are many."""
    text = [f"{v:g}" for v in few]
    return ", ".join(text if len(text) < 7 else [*text[:3], "...", text[-1]])
