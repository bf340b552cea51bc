# SPDX-License-Identifier: Apache-2.0
"""Labelled frames of any sizes in rows of equal size, for compiled training.

A row has room for so many atoms, and holds as many frames as fit; atoms of a batch of rows see no others.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from isinglass.approximation.regression.frame_layout import FrameLayout, layout, places
from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.systems.particle.interatomic import AtomsSeen, NeighborTable, species_of

__all__ = ["NeighborRows", "PackedFrames", "rows_of_frames"]


class NeighborRows(NamedTuple):
    """Neighbors of A atoms of every row, in K columns; places are counted among these atoms of the row."""

    r: Float[Array, "rows A K 3"]
    index: Int[Array, "rows A K"]
    reverse: Int[Array, "rows A K"]
    real: Bool[Array, "rows A K"]

    @property
    def table(self) -> NeighborTable:
        """One table of all rows."""
        rows, A, K = self.index.shape
        row = jnp.arange(rows, dtype=self.index.dtype)[:, None, None]
        flat = lambda a: a.reshape(rows * A, K)  # noqa: E731
        shift = jnp.zeros((rows * A, K, 3), jnp.int8)  # r is known
        index, reverse = flat(self.index + A * row), flat(self.reverse + A * K * row)
        return NeighborTable(index, shift, flat(self.real), reverse, jnp.zeros((), bool))


class PackedFrames(NamedTuple):
    """Frames in rows: A atoms and S frames in each; frame S is none.  Labels that are missing are 0."""

    near: tuple[NeighborRows, ...]  # of the atoms of each part of the rows, one after another
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
    def seen(self) -> tuple[AtomsSeen, ...]:
        """The atoms of each part of the rows, all rows one after another."""
        end = np.cumsum([near.index.shape[1] for near in self.near])
        species = jnp.split(self.species, end[:-1].tolist(), axis=1)
        return tuple(
            AtomsSeen(near.r.reshape(-1, *near.r.shape[2:]), near.table, own.reshape(-1))
            for near, own in zip(self.near, species, strict=True)
        )

    @property
    def pairs(self) -> int:
        """Neighbors of all atoms."""
        return sum(int(np.asarray(near.real).sum()) for near in self.near)

    @property
    def frame_of(self) -> Int[Array, " atoms"]:
        """The frame of every atom, counted over all rows; (S + 1) of them in each."""
        rows, S = self.size.shape
        return (self.frame + (S + 1) * jnp.arange(rows, dtype=self.frame.dtype)[:, None]).reshape(-1)


class FrameNeighbors(NamedTuple):
    """Pairs of one frame sorted by i, the place of (j, i) for each, and its vector."""

    i: Int[np.ndarray, " pairs"]
    j: Int[np.ndarray, " pairs"]
    reverse: Int[np.ndarray, " pairs"]
    r: Float[np.ndarray, "pairs 3"]

    @property
    def columns(self) -> int:
        """Neighbors of the atom that has most, at least 1."""
        return max(1, int(np.bincount(self.i).max(initial=0)))

    def put(self, rows: NeighborRows, row: int, first: int) -> None:
        """Into the arrays of a row, whose place `first` is that of the frame's first atom."""
        column, K = np.arange(len(self.i)) - np.searchsorted(self.i, self.i), rows.index.shape[-1]
        place = row, first + self.i, column
        rows.r[place], rows.index[place], rows.real[place] = self.r, first + self.j, True
        rows.reverse[place] = ((first + self.i) * K + column)[self.reverse]


def neighbors_of(frame: Any, cutoff: float) -> FrameNeighbors:
    """The neighbors of the atoms of a frame, by vesin."""
    from isinglass.systems.particle.neighbor_search import vesin_neighbors

    near = vesin_neighbors(frame.positions, frame.cell, frame.pbc, cutoff)
    cell = np.where(frame.pbc[:, None], frame.cell, 0.0)
    r = frame.positions[near.j] + near.shift @ cell - frame.positions[near.i]
    return FrameNeighbors(near.i, near.j, near.reverse(), r)


def rows_of_frames(
    atoms: LabelledAtoms, references: Float[np.ndarray, " frames"], numbers: tuple[int, ...], cutoff: float,
    *, apart: bool = True,
) -> PackedFrames:  # fmt: skip
    """The frames in rows; `references` are the energies that a model does not learn.

    `apart`: frames with many neighbors may have a part of the rows to themselves.
    """
    near = [neighbors_of(atoms.frame(k), cutoff) for k in range(len(atoms))]
    columns = np.array([one.columns for one in near])
    parts = layout(atoms.n_atoms, columns if apart else np.full_like(columns, columns.max()))
    species, volume = species_of(atoms.numbers, numbers), np.abs(np.linalg.det(atoms.cell))
    out = empty_rows(parts, cutoff)
    for k, row, s, part, first in places(parts, atoms.n_atoms):
        begin = sum(before.room for before in parts[:part]) + first
        here = row, slice(begin, begin + int(atoms.n_atoms[k]))
        there = slice(int(atoms.start[k]), int(atoms.start[k] + atoms.n_atoms[k]))
        near[k].put(out.near[part], row, first)
        out.species[here], out.frame[here] = species[there], s
        out.size[row, s], out.energy[row, s] = atoms.n_atoms[k], atoms.energy[k] - references[k]
        out.weight[row, s], out.number[row, s] = atoms.weight[k], k
        if atoms.has_forces[k]:
            out.forces[here], out.with_forces[here] = atoms.forces[there], atoms.weight[k]
        if atoms.has_stress[k]:
            out.virial[row, s], out.with_stress[row, s] = atoms.stress[k] * volume[k], atoms.weight[k]
    return jax.tree.map(jnp.asarray, out)


def empty_rows(parts: FrameLayout, cutoff: float) -> PackedFrames:
    """Rows without a frame, of NumPy's arrays."""
    R, A = len(parts[0].frames), sum(part.room for part in parts)
    S = max(sum(len(frames) for frames in row) for row in zip(*(part.frames for part in parts), strict=True))
    zeros = lambda *shape: np.zeros((R, *shape), np.float32)  # noqa: E731
    arrays: list[Any] = [
        tuple(no_neighbors(R, part.room, part.columns, cutoff) for part in parts), np.zeros((R, A), np.int32),
        np.full((R, A), S, np.int32), zeros(S), zeros(S), zeros(A, 3), zeros(S, 3, 3), zeros(S), zeros(A), zeros(S),
        np.full((R, S), -1, np.int32),
    ]  # fmt: skip
    return PackedFrames(*arrays)


def no_neighbors(R: int, A: int, K: int, cutoff: float) -> NeighborRows:
    """Empty places alone: (cutoff, 0, 0), where no force reaches; each is its own reverse."""
    r: Any = np.zeros((R, A, K, 3), np.float32)
    r[..., 0] = cutoff
    index = np.broadcast_to(np.arange(A, dtype=np.int32)[:, None], (R, A, K)).copy()
    reverse = np.broadcast_to(np.arange(A * K, dtype=np.int32).reshape(A, K), (R, A, K)).copy()
    arrays: list[Any] = [r, index, reverse, np.zeros((R, A, K), bool)]
    return NeighborRows(*arrays)
