# SPDX-License-Identifier: Apache-2.0
"""Which frames share a row of equal size, so that little of the rows is empty."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Int

__all__ = ["FrameLayout", "FramePlace", "RowPart", "layout", "packed", "places"]

PADDING = 0.15  # share of empty atoms that is borne
MOST_FRAMES = 64  # in a part of a row
WORTH = 0.7  # share of the places that a second part, whose program has to be compiled too, may leave


class RowPart(NamedTuple):
    """Room for so many atoms of each row, of so many neighbors each, and the frames in it."""

    room: int
    columns: int
    frames: list[list[int]]  # of each row


FrameLayout = tuple[RowPart, ...]


class FramePlace(NamedTuple):
    """Where a frame is."""

    frame: int
    row: int
    number: int  # among the frames of the row
    part: int
    first: int  # place of its first atom among those of the part of the row


def layout(sizes: Int[np.ndarray, " frames"], columns: Int[np.ndarray, " frames"]) -> FrameLayout:
    """Frames whose atoms have few neighbors and those with many in two parts of the rows, where this saves enough.

    `sizes`: atoms of each frame; `columns`: neighbors of that of its atoms which has most.  Law: two parts have no more
    places for neighbors in memory than one, and at most `WORTH` of them are computed.
    """
    most, cuts = int(columns.max()), np.unique(columns)[:-1].tolist()
    whole = part_of(sizes, np.arange(len(sizes)), most)
    assert whole is not None
    one = (whole,)
    if not cuts:
        return one
    cut = min(cuts, key=lambda cut: sizes @ np.where(columns > cut, most, cut))
    narrow = part_of(sizes, np.flatnonzero(columns <= cut), cut)
    assert narrow is not None
    wide = part_of(sizes, np.flatnonzero(columns > cut), most, beside=narrow)
    if wide is None or computed((narrow, wide)) > WORTH * computed(one) or held((narrow, wide)) > held(one):
        return one
    return narrow, wide


def places(parts: FrameLayout, sizes: Int[np.ndarray, " frames"]) -> list[FramePlace]:
    """Of all frames, one after another in each row."""
    found, filled = [], np.zeros(len(parts[0].frames), int)
    for p, part in enumerate(parts):
        for row, frames in enumerate(part.frames):
            firsts = np.cumsum(sizes[frames]) - sizes[frames]
            found += [FramePlace(k, row, int(filled[row]) + s, p, int(firsts[s])) for s, k in enumerate(frames)]
            filled[row] += len(frames)
    return found


def computed(parts: FrameLayout) -> int:
    """Places for neighbors where a part of a row has a frame."""
    return sum(part.room * part.columns * sum(map(bool, part.frames)) for part in parts)


def held(parts: FrameLayout) -> int:
    """Places for neighbors in memory, empty rows too."""
    return sum(part.room * part.columns * len(part.frames) for part in parts)


def part_of(
    sizes: Int[np.ndarray, " frames"], frames: Int[np.ndarray, " some"], columns: int, beside: RowPart | None = None
) -> RowPart | None:
    """The smallest room with at most PADDING of it empty: the largest frame, or up to four times as much.

    Beside another part no more rows than that has, by a room as large as its own if need be; else none.
    """
    own, best = sizes[frames], None
    largest = int(own.max())
    most, rows = (4 * largest, len(own)) if beside is None else (max(4 * largest, beside.room), len(beside.frames))
    for room in range(largest, most + 1, max(1, largest // 8)):
        filled = packed(own, room) if room * rows >= own.sum() else []
        if not filled or len(filled) > rows:
            continue
        empty = 1 - own.sum() / (room * len(filled))
        if best is None or empty < best[0]:
            best = empty, room, filled
        if empty <= PADDING:
            break
    if best is None:
        return None
    none = [] if beside is None else [[] for _ in range(rows - len(best[2]))]
    return RowPart(best[1], columns, [frames[row].tolist() for row in best[2]] + none)


def packed(sizes: Int[np.ndarray, " frames"], room: int) -> list[list[int]]:
    """Frames of each row, first fit of the largest first.  Law: no row has more than `room` atoms."""
    rows: list[list[int]] = []
    left: list[int] = []
    for k in np.argsort(-sizes, kind="stable").tolist():
        fits = next((row for row, space in enumerate(left) if space >= sizes[k] and len(rows[row]) < MOST_FRAMES), None)
        if fits is None:
            rows.append([k])
            left.append(room - int(sizes[k]))
        else:
            rows[fits].append(k)
            left[fits] -= int(sizes[k])
    return rows
