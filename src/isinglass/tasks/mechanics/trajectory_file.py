# SPDX-License-Identifier: Apache-2.0
"""Trajectories in a file: t, q, p (or velocities v), in .npz, HDF5, or columns of text."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import data
from isinglass.errors import InputError

if TYPE_CHECKING:
    from isinglass.systems.mechanics.trajectories import Trajectories

__all__ = ["MotionFile"]

TIMES, RUNS = ("t", "time", "times"), ("motion", "run", "trajectory")


@dataclass(frozen=True)
class MotionFile:
    """Motions of one system: arrays t [times], q and p [n, times, d]; or columns t, q1, q2, p1, p2, and run."""

    file: Path
    """.npz, .h5, .nc, .csv, .txt: t, q, p; v in place of p for velocities; dq and dp where derivatives are known."""
    angles: tuple[int, ...] = ()
    """The coordinates that are angles, in radian, counted from 1."""
    bodies: int = 1
    """Of how many bodies q are the places, where only their differences matter."""
    isotropic: bool = False
    """Is no direction of space special?"""

    def read(self) -> tuple["Trajectories", dict[str, Any], dict[str, Any]]:
        """The motions; no settings; what was read, for the record."""
        from isinglass.systems.mechanics.trajectories import Trajectories

        table = data.table.tables([self.file])[0][0]
        held = gathered({name.lower(): a for name, a in table.arrays.items() if a.dtype.kind in "biuf"})
        shown = ", ".join(f"{name} {list(a.shape)}" for name, a in held.items()) or "none"
        t = next((held[name] for name in TIMES if name in held), None)
        fast = next((name for name in ("p", "v") if name in held), None)
        if t is None or "q" not in held or fast is None:
            fix = "name them so: columns t, q1, ..., p1, ..., or arrays t, q, p; v in place of p for velocities"
            raise InputError(f"times t, coordinates q and momenta p in {table.name}", shown, fix)
        rates = ("dq", f"d{fast}") if {"dq", f"d{fast}"} <= set(held) else ()
        run = next((held[name] for name in RUNS if name in held), None)
        t, q, p, *more = motions(t, [held[name] for name in ("q", fast, *rates)], run, table.name)
        rate = np.concatenate(more, axis=-1) if more else None
        angles = tuple(i - 1 for i in self.angles)
        found = Trajectories(t, np.concatenate([q, p], axis=-1), rate, angles=angles, velocities=fast == "v",
                             bodies=self.bodies, isotropic=self.isotropic)  # fmt: skip
        said = f"{table.name}: {len(found.y)} motions of {len(t)} times, q and {fast} of {found.degrees}"
        return found, {}, {"read": said + (", with derivatives" if rates else "")}


def gathered(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Columns q1, q2, ... as one array q [rows, d], and those of p, v, dq, dp, dv likewise."""
    out = {name: a for name, a in columns.items() if not re.fullmatch(r"(d?[qpv])_?\d+", name)}
    for base in ("q", "p", "v", "dq", "dp", "dv"):
        numbered = sorted((int(m[1]), name) for name in columns if (m := re.fullmatch(rf"{base}_?(\d+)", name)))
        if numbered and all(columns[name].ndim == 1 for _, name in numbered):
            out[base] = np.stack([columns[name] for _, name in numbered], axis=-1)
    return out


def motions(t: np.ndarray, parts: list[np.ndarray], run: np.ndarray | None, name: str) -> list[np.ndarray]:
    """t [times] and each part as [n, times, d].

    Errors: InputError for runs of different lengths or times, or arrays that do not fit the times.
    """
    if run is not None and t.ndim == 1 and run.shape == t.shape:
        numbers, counts = np.unique(run, return_counts=True)
        if len(set(counts.tolist())) > 1:
            found = f"{counts.min()} to {counts.max()} rows of a run"
            raise InputError(f"motions of equal length in {name}", found, "cut them to the shortest")
        order = np.lexsort((t, run))
        t, parts = t[order].reshape(len(numbers), -1), [a[order].reshape(len(numbers), counts[0], -1) for a in parts]
    if t.ndim == 2:
        if np.ptp(t - t[:, :1], axis=0).max() > 1e-9 * max(1.0, float(np.ptp(t))):
            raise InputError(f"the same times for all motions in {name}", "different ones", "interpolate to one grid")
        t = t[0]
    if any(len(t) not in {1: a.shape, 2: a.shape, 3: a.shape[1:2]}.get(a.ndim, ()) for a in parts):
        found = ", ".join(str(list(a.shape)) for a in (t, *parts))
        raise InputError(f"arrays [n, times, d] or [times, d] beside t [times] in {name}", found, "transpose them")
    return [t, *(shaped(a, len(t)) for a in parts)]


def shaped(a: np.ndarray, times: int) -> np.ndarray:
    """[times], [times, d], [n, times] and [n, times, d] as [n, times, d]."""
    if a.ndim == 1:
        return a[None, :, None]
    if a.ndim == 2:
        return a[None] if a.shape[0] == times else a[..., None]
    return a
