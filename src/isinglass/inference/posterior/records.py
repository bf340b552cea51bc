# SPDX-License-Identifier: Apache-2.0
"""Simulations as they are kept: number, parameters, how each ended, and the data of those that worked, by shape."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from isinglass.run.farm.outcome import Outcome, Status

__all__ = ["Records", "as_arrays", "from_arrays", "joined", "records_of"]


class Records(NamedTuple):
    """k simulations.  Those that were not made here have the numbers -1, -2, ..."""

    number: np.ndarray  # [k]
    theta: np.ndarray  # [k, d]
    status: np.ndarray  # [k]
    x: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]]  # shape -> rows and data of those that have it
    message: dict[int, str]  # row -> why it failed

    def picked(self, rows: np.ndarray) -> "Records":
        """Some rows, in another order."""
        place = np.full(len(self.number), -1)
        place[rows] = np.arange(len(rows))
        x = {}
        for shape, (of, data) in self.x.items():
            kept = place[of] >= 0
            if kept.any():
                order = np.argsort(place[of[kept]])
                x[shape] = place[of[kept]][order], data[kept][order]
        said = {int(place[row]): text for row, text in self.message.items() if place[row] >= 0}
        return Records(self.number[rows], self.theta[rows], self.status[rows], x, said)


def records_of(number: np.ndarray | Sequence[int], theta: np.ndarray, outcomes: Sequence[Outcome]) -> Records:
    """Outcomes as records."""
    rows: dict[tuple[int, ...], list[int]] = {}
    for row, one in enumerate(outcomes):
        if one.x is not None:
            rows.setdefault(one.x.shape, []).append(row)
    x = {shape: (np.array(of), np.stack([outcomes[row].x for row in of])) for shape, of in rows.items()}  # pyright: ignore
    status = np.array([one.status for one in outcomes], np.int8)
    said = {row: one.message for row, one in enumerate(outcomes) if one.message}
    return Records(np.asarray(number, np.int64), np.asarray(theta, float), status, x, said)


def joined(parts: Iterable[Records]) -> Records:
    """Several as one, by number; of two with one number the first.  Errors: ValueError for none."""
    parts = [part for part in parts if len(part.number)]
    ends = np.cumsum([0, *(len(part.number) for part in parts)])
    x: dict[tuple[int, ...], list[tuple[np.ndarray, np.ndarray]]] = {}
    said: dict[int, str] = {}
    for begin, part in zip(ends, parts, strict=False):
        for shape, (rows, data) in part.x.items():
            x.setdefault(shape, []).append((rows + begin, data))
        said |= {int(row + begin): text for row, text in part.message.items()}
    together = {shape: (np.concatenate([r for r, _ in found]), np.concatenate([d for _, d in found]))
                for shape, found in x.items()}  # fmt: skip
    of = lambda name: np.concatenate([getattr(part, name) for part in parts])  # noqa: E731
    whole = Records(of("number"), of("theta"), of("status"), together, said)
    return whole.picked(np.unique(whole.number, return_index=True)[1])


def as_arrays(records: Records) -> dict[str, np.ndarray]:
    """The arrays of a file."""
    said = json.dumps([[row, text] for row, text in records.message.items()]).encode()
    arrays = {"number": records.number, "theta": records.theta, "status": records.status,
              "message": np.frombuffer(said, np.uint8)}  # fmt: skip
    for i, (rows, data) in enumerate(records.x.values()):
        arrays |= {f"row_{i}": rows, f"x_{i}": data}
    return arrays


def from_arrays(arrays: dict[str, np.ndarray]) -> Records:
    """The inverse of `as_arrays`.  Errors: KeyError, ValueError or the like for other arrays."""
    number, theta, status = (arrays[name] for name in ("number", "theta", "status"))
    if not len(number) == len(theta) == len(status) or theta.ndim != 2:
        raise ValueError(f"{len(number)} numbers, {len(theta)} parameters")
    x: dict[Any, Any] = {}
    for i in range(sum(name.startswith("x_") for name in arrays)):
        rows, data = arrays[f"row_{i}"], arrays[f"x_{i}"]
        if len(rows) != len(data) or (len(rows) and not 0 <= rows.min() <= rows.max() < len(number)):
            raise ValueError(f"rows of x_{i}")
        x[data.shape[1:]] = rows, data
    if sum(len(rows) for rows, _ in x.values()) != int((status == Status.WORKED).sum()):
        raise ValueError("data of another number of simulations")
    said = {int(row): str(text) for row, text in json.loads(arrays["message"].tobytes())}
    return Records(number.astype(np.int64), theta.astype(float), status.astype(np.int8), x, said)
