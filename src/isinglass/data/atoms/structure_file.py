# SPDX-License-Identifier: Apache-2.0
"""One structure from what ASE (an extra) reads, and back into ASE's Atoms."""

from pathlib import Path
from typing import Any

import numpy as np

from isinglass.data.atoms.stored_frame import ase_frames, load_ase
from isinglass.errors import InputError
from isinglass.systems.particle.structure import AtomicStructure

__all__ = ["ase_atoms", "atomic_structure", "read_structure", "write_structure"]


def read_structure(path: str | Path) -> AtomicStructure:
    """The last frame of a file.  Errors: InputError where ASE reads none, or atoms of no element."""
    frames, _ = ase_frames(Path(path))
    return atomic_structure(frames[-1], Path(path).name)


def atomic_structure(frame: Any, where: str = "the atoms") -> AtomicStructure:
    """What moves, of an Atoms of ASE: velocities where any is not 0."""
    numbers = np.asarray(frame.numbers, int)
    if (numbers < 1).any():
        raise InputError(f"elements in {where}", "an atom of none, X", "name each atom's element")
    with np.errstate(divide="ignore", invalid="ignore"):  # masses of 0, which who moves them refuses
        velocities = frame.get_velocities()
    moving = velocities is not None and np.any(velocities)
    return AtomicStructure(
        np.asarray(frame.positions, float), numbers, np.asarray(frame.cell.array, float), np.asarray(frame.pbc, bool),
        np.asarray(frame.get_masses(), float), np.asarray(velocities, float) if moving else None,
    )  # fmt: skip


def ase_atoms(atoms: AtomicStructure) -> Any:
    """An Atoms of ASE.  Errors: InputError where ASE is not installed."""
    made = load_ase().Atoms(
        numbers=atoms.numbers, positions=atoms.positions, cell=atoms.cell, pbc=atoms.pbc, masses=atoms.masses
    )
    if atoms.velocities is not None:
        made.set_velocities(atoms.velocities)
    return made


def write_structure(atoms: AtomicStructure, path: Path) -> None:
    """Write one structure in the format of the file's ending.  Errors: InputError for one that ASE does not write."""
    made = ase_atoms(atoms)
    import ase.io

    try:
        ase.io.write(str(path), made)
    except Exception as error:  # each of its writers has its own
        found = f"{path.name}: {type(error).__name__} {error}"[:200]
        raise InputError("a format that ASE writes", found, "name it .xyz, .cif, .vasp or .traj") from None
