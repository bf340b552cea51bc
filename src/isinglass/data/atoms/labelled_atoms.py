# SPDX-License-Identifier: Apache-2.0
"""Frames of atoms of any sizes with energies and, where they are known, forces and stresses."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

__all__ = ["LabelledAtoms", "LabelledFrame", "joined"]


class LabelledFrame(NamedTuple):
    """One frame; labels that it does not have are NaN."""

    positions: Float[np.ndarray, "n 3"]
    numbers: Int[np.ndarray, " n"]  # atomic numbers
    cell: Float[np.ndarray, "3 3"]  # rows are the vectors
    pbc: Bool[np.ndarray, " 3"]
    energy: float
    forces: Float[np.ndarray, "n 3"]
    stress: Float[np.ndarray, "3 3"]


@dataclass(frozen=True)
class LabelledAtoms:
    """Frames one after another: frame k has the atoms start[k] .. start[k + 1] - 1.

    Unit: Å, eV, eV/Å, eV/Å³.  Sign: F = -dE/dr, stress = dE/dε / V, positive under tension, as in ASE.
    Law: results do not depend on the order of frames, nor of the atoms in a frame.
    """

    n_atoms: Int[np.ndarray, " frames"]
    positions: Float[np.ndarray, "atoms 3"]
    numbers: Int[np.ndarray, " atoms"]
    cell: Float[np.ndarray, "frames 3 3"]
    pbc: Bool[np.ndarray, "frames 3"]
    energy: Float[np.ndarray, " frames"]
    forces: Float[np.ndarray, "atoms 3"]  # NaN in frames without
    stress: Float[np.ndarray, "frames 3 3"]  # NaN in frames without
    weight: Float[np.ndarray, " frames"]
    group: tuple[str, ...]  # what the file calls each frame's kind, "" where it says nothing
    keys: dict[str, str] = field(default_factory=dict)  # "energy", "forces", ...: the key of the file that was read
    source: str = ""
    notes: tuple[str, ...] = ()  # what a reader of the results must know, a sentence each

    def __len__(self) -> int:
        """The number of frames."""
        return len(self.n_atoms)

    @property
    def start(self) -> Int[np.ndarray, " ends"]:
        """The first atom of each frame, and the number of atoms of all."""
        return np.concatenate([[0], np.cumsum(self.n_atoms)])

    @property
    def frame_of(self) -> Int[np.ndarray, " atoms"]:
        """The frame of each atom."""
        return np.repeat(np.arange(len(self)), self.n_atoms)

    @property
    def has_forces(self) -> Bool[np.ndarray, " frames"]:
        """Whether each frame has forces: all of its atoms, or none."""
        return np.asarray(~np.isnan(self.forces[self.start[:-1]]).any(axis=1))

    @property
    def has_stress(self) -> Bool[np.ndarray, " frames"]:
        """Whether each frame has a stress."""
        return np.asarray(~np.isnan(self.stress).any(axis=(1, 2)))

    @property
    def elements(self) -> Int[np.ndarray, " elements"]:
        """The atomic numbers that occur, ascending."""
        return np.unique(self.numbers)

    @property
    def composition(self) -> Int[np.ndarray, "frames elements"]:
        """How many atoms of each element a frame has.  Law: Σ over elements = n_atoms."""
        counts = np.zeros((len(self), len(self.elements)), int)
        np.add.at(counts, (self.frame_of, np.searchsorted(self.elements, self.numbers)), 1)
        return counts

    def frame(self, k: int) -> LabelledFrame:
        """Frame k."""
        rows = slice(*self.start[[k, k + 1]])
        return LabelledFrame(self.positions[rows], self.numbers[rows], self.cell[k], self.pbc[k], float(self.energy[k]),
                             self.forces[rows], self.stress[k])  # fmt: skip

    def kept(self, frames: Int[np.ndarray, " kept"]) -> "LabelledAtoms":
        """These frames, in this order."""
        start = self.start.tolist()
        rows = np.concatenate([np.zeros(0, int), *(np.arange(start[k], start[k + 1]) for k in frames)])
        of_frames = ("n_atoms", "cell", "pbc", "energy", "stress", "weight")
        arrays = {name: getattr(self, name)[frames] for name in of_frames}
        arrays |= {name: getattr(self, name)[rows] for name in ("positions", "numbers", "forces")}
        return replace(self, **arrays, group=tuple(self.group[k] for k in frames))


def joined(parts: Sequence[LabelledAtoms]) -> LabelledAtoms:
    """The frames of all parts; keys that differ are both named, notes begin with their source."""
    if len(parts) == 1:
        return parts[0]
    arrays = ("n_atoms", "positions", "numbers", "cell", "pbc", "energy", "forces", "stress", "weight")
    together = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    kinds = dict.fromkeys(kind for part in parts for kind in part.keys)
    keys = {kind: ", ".join(dict.fromkeys(p.keys[kind] for p in parts if kind in p.keys)) for kind in kinds}
    notes = tuple(f"{part.source}: {note}" for part in parts for note in part.notes)
    group = tuple(name for part in parts for name in part.group)
    return LabelledAtoms(**together, group=group, keys=keys, source=", ".join(p.source for p in parts), notes=notes)
