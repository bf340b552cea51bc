# SPDX-License-Identifier: Apache-2.0
"""Frames labelled by ASE's own calculators, written to files."""

import gzip
import shutil

import ase.io
import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk, molecule
from ase.calculators.emt import EMT
from ase.db import connect

from isinglass.data.atoms.atoms_file import read_atoms
from isinglass.errors import InputError

__all__ = ["copper", "labelled", "refused", "relabelled", "water", "write"]


def labelled(frame: Atoms) -> Atoms:
    """The frame with energy, forces and stress by EMT."""
    frame.calc = EMT()
    frame.get_potential_energy()
    frame.get_forces()
    if frame.pbc.all():
        frame.get_stress()
    return frame


def copper(n: int = 8, size: float = 0.05, seed: int = 0) -> list[Atoms]:
    """A cubic cell of copper, rattled and strained."""
    rng, frames = np.random.default_rng(seed), []
    for _ in range(n):
        frame = bulk("Cu", cubic=True)
        frame.positions += size * rng.normal(size=(len(frame), 3))
        frames.append(labelled(frame))
    return frames


def water(n: int = 8, size: float = 0.05, seed: int = 0) -> list[Atoms]:
    """A water molecule, rattled, turned and moved, by EMT (which knows H and O)."""
    rng, frames = np.random.default_rng(seed), []
    for _ in range(n):
        frame = molecule("H2O")
        frame.positions += size * rng.normal(size=(3, 3))
        frame.rotate(rng.uniform(0, 360), rng.normal(size=3))
        frame.translate(rng.normal(size=3))
        frames.append(labelled(frame))
    return frames


def relabelled(
    frames: list[Atoms], *, energy="energy", forces="forces", scale=(1.0, 1.0, 1.0), shift=0.0
) -> list[Atoms]:
    """Bare frames with these keys; energies, forces and positions in other units; None leaves a label out."""
    found = []
    for frame in frames:
        bare = Atoms(frame.numbers, frame.positions * scale[2], cell=frame.cell.array * scale[2], pbc=frame.pbc)
        if energy is not None:
            bare.info[energy] = (frame.get_potential_energy() + shift) * scale[0]
        if forces is not None:
            bare.arrays[forces] = frame.get_forces() * scale[1]
        found.append(bare)
    return found


def write(path, frames):
    """By ASE; a database row by row; .gz of anything."""
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    if plain.suffix == ".db":
        with connect(plain) as rows:
            for frame in frames:
                rows.write(frame)
    else:
        ase.io.write(plain, frames, **({"format": "extxyz"} if plain.suffix in (".xyz", ".extxyz") else {}))
    if path.suffix == ".gz":
        with plain.open("rb") as a, gzip.open(path, "wb") as b:
            shutil.copyfileobj(a, b)
    return path


def refused(path, said, keys=None, **how):
    """One line that says it."""
    with pytest.raises(InputError, match=said) as error:
        read_atoms(path, keys, **how)
    assert "\n" not in str(error.value)
    return str(error.value)
