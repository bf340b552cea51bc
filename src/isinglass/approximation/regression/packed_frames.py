# SPDX-License-Identifier: Apache-2.0
"""Labelled frames of any sizes in rows of equal size, for compiled training.

A row has room for so many atoms, and holds as many frames as fit; atoms of a batch of rows see no others.
"""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.systems.particle.interatomic import NeighborTable, species_of

__all__ = ["PackedFrames", "Neighborhoods", "packed", "rows_of_frames"]

PADDING = 0.15  # share of empty atoms that is borne
MOST_FRAMES = 64  # in a row


class Neighborhoods(NamedTuple):
    """Neighbors of the atoms of frames, one frame after another, in K columns; places within the frame."""

    r: Float[np.ndarray, "atoms K 3"]
    index: Int[np.ndarray, "atoms K"]
    reverse: Int[np.ndarray, "atoms K"]
    real: Bool[np.ndarray, "atoms K"]


class PackedFrames(NamedTuple):
    """Frames in rows: A atoms and S frames in each; frame S is none.  Labels that are missing are 0."""

    r: Float[Array, "rows A K 3"]
    index: Int[Array, "rows A K"]
    reverse: Int[Array, "rows A K"]
    real: Bool[Array, "rows A K"]
    species: Int[Array, "rows A"]
    frame: Int[Array, "rows A"]
    size: Float[Array, "rows S"]  # atoms of each frame, 0 of none
    energy: Float[Array, "rows S"]  # without the references, eV
    forces: Float[Array, "rows A 3"]
    virial: Float[Array, "rows S 3 3"]  # stress times volume
    weight: Float[Array, "rows S"]  # 0 of none
    with_forces: Float[Array, "rows A"]  # the weight of the frame, or 0
    with_stress: Float[Array, "rows S"]
    number: Int[Array, "rows S"]  # of the frame among those given, -1 of none

    @property
    def table(self) -> NeighborTable:
        """One table of all rows."""
        rows, A, K = self.index.shape
        row = jnp.arange(rows, dtype=self.index.dtype)[:, None, None]
        flat = lambda a: a.reshape(rows * A, K)  # noqa: E731
        shift = jnp.zeros((rows * A, K, 3), jnp.int8)  # r is known
        index, reverse = flat(self.index + A * row), flat(self.reverse + A * K * row)
        return NeighborTable(index, shift, flat(self.real), reverse, jnp.zeros((), bool))

    @property
    def frame_of(self) -> Int[Array, " atoms"]:
        """The frame of every atom, counted over all rows; (S + 1) of them in each."""
        rows, S = self.size.shape
        return (self.frame + (S + 1) * jnp.arange(rows, dtype=self.frame.dtype)[:, None]).reshape(-1)


def neighborhoods(atoms: LabelledAtoms, cutoff: float) -> Neighborhoods:
    """The neighbors of all atoms, by vesin."""
    from isinglass.systems.particle.neighbor_search import vesin_neighbors

    found = []
    for k in range(len(atoms)):
        frame = atoms.frame(k)
        near = vesin_neighbors(frame.positions, frame.cell, frame.pbc, cutoff)
        i, j, S, _ = near
        cell = np.where(frame.pbc[:, None], frame.cell, 0.0)
        found.append((i, j, near.reverse(), frame.positions[j] + S @ cell - frame.positions[i]))
    K = max(1, max(int(np.bincount(i).max(initial=0)) for i, *_ in found))
    N, start = len(atoms.numbers), atoms.start
    out = Neighborhoods(
        np.zeros((N, K, 3), np.float32), np.zeros((N, K), np.int32), np.zeros((N, K), np.int32), np.zeros((N, K), bool)
    )
    for k, (i, j, reverse, r) in enumerate(found):
        n = int(atoms.n_atoms[k])
        rows = slice(int(start[k]), int(start[k]) + n)
        column = np.arange(len(i)) - np.searchsorted(i, i)
        partner = (i * K + column)[reverse]
        out.index[rows] = np.arange(n)[:, None]
        out.reverse[rows] = np.arange(n * K).reshape(n, K)
        out.r[rows, :, 0] = cutoff  # of empty places: no force reaches
        for table, value in ((out.r, r), (out.index, j), (out.reverse, partner), (out.real, True)):
            table[rows][i, column] = value
    return out


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


def best_room(sizes: Int[np.ndarray, " frames"]) -> tuple[int, list[list[int]]]:
    """The smallest room with at most PADDING of it empty: the largest frame, or up to four times as much."""
    largest, best = int(sizes.max()), None
    for room in range(largest, 4 * largest + 1, max(1, largest // 8)):
        rows = packed(sizes, room)
        empty = 1 - sizes.sum() / (room * len(rows))
        if best is None or empty < best[0]:
            best = empty, room, rows
        if empty <= PADDING:
            break
    assert best is not None
    return best[1], best[2]


def rows_of_frames(
    atoms: LabelledAtoms, references: Float[np.ndarray, " frames"], numbers: tuple[int, ...], cutoff: float
) -> PackedFrames:
    """The frames in rows; `references` are the energies that a model does not learn."""
    near, species = neighborhoods(atoms, cutoff), species_of(atoms.numbers, numbers)
    room, rows = best_room(atoms.n_atoms)
    S, K, R, start = max(len(row) for row in rows), near.r.shape[1], len(rows), atoms.start
    volume = np.abs(np.linalg.det(atoms.cell))
    out = empty_rows(R, room, K, S, cutoff)
    for row, frames in enumerate(rows):
        first = 0
        for s, k in enumerate(frames):
            n = int(atoms.n_atoms[k])
            here, there = slice(first, first + n), slice(int(start[k]), int(start[k]) + n)
            out.r[row, here], out.real[row, here] = near.r[there], near.real[there]
            out.index[row, here] = near.index[there] + first
            out.reverse[row, here] = near.reverse[there] + first * K
            out.species[row, here], out.frame[row, here] = species[there], s
            out.size[row, s], out.energy[row, s] = n, atoms.energy[k] - references[k]
            out.weight[row, s], out.number[row, s] = atoms.weight[k], k
            if atoms.has_forces[k]:
                out.forces[row, here], out.with_forces[row, here] = atoms.forces[there], atoms.weight[k]
            if atoms.has_stress[k]:
                out.virial[row, s], out.with_stress[row, s] = atoms.stress[k] * volume[k], atoms.weight[k]
            first += n
    return PackedFrames(*(jnp.asarray(a) for a in out))


def empty_rows(R: int, A: int, K: int, S: int, cutoff: float) -> PackedFrames:
    """Rows without a frame."""
    r = np.zeros((R, A, K, 3), np.float32)
    r[..., 0] = cutoff
    zeros = lambda *shape: np.zeros((R, *shape), np.float32)  # noqa: E731
    index = np.broadcast_to(np.arange(A, dtype=np.int32)[:, None], (R, A, K)).copy()
    reverse = np.broadcast_to(np.arange(A * K, dtype=np.int32).reshape(A, K), (R, A, K)).copy()
    species, frame = np.zeros((R, A), np.int32), np.full((R, A), S, np.int32)
    arrays: list[Any] = [
        r, index, reverse, np.zeros((R, A, K), bool), species, frame, zeros(S), zeros(S), zeros(A, 3), zeros(S, 3, 3),
        zeros(S), zeros(A), zeros(S), np.full((R, S), -1, np.int32),
    ]  # fmt: skip
    return PackedFrames(*arrays)
