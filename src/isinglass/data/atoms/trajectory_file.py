# SPDX-License-Identifier: Apache-2.0
"""Frames of a trajectory, written as they come: extended XYZ, or ASE's .traj.

Law: a run that goes on from a checkpoint writes the frames before it again, so that none is there twice or lacks.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from isinglass.data.atoms.stored_frame import load_ase
from isinglass.data.atoms.structure_file import ase_atoms
from isinglass.errors import InputError
from isinglass.systems.particle.structure import AtomicStructure

__all__ = ["TrajectoryFile"]

FORMATS = {".xyz": "extxyz", ".extxyz": "extxyz", ".traj": "traj"}


@dataclass(frozen=True)
class TrajectoryFile:
    """The file, and the atoms whose positions, velocities and cell change.

    Errors: InputError for another ending, or a folder that is not there.
    """

    path: Path
    atoms: AtomicStructure
    time_step: float  # fs from frame to frame

    def __post_init__(self):
        """Refuse what could not be written at the end."""
        if self.path.suffix.lower() not in FORMATS:
            raise InputError("a trajectory named .xyz, .extxyz or .traj", self.path.name, "name it so")
        if not self.path.parent.is_dir() or self.path.is_dir():
            raise InputError("a path in a folder that exists", str(self.path), "make the folder first")

    def store(
        self, x: Float[Any, "frames n 3"], v: Float[Any, "frames n 3"], cells: Float[Any, "frames 3 3"], first: int
    ) -> None:
        """Write frames `first`, first + 1, ...; with first = 0 the file begins anew."""
        load_ase()
        import ase.io

        images = [self.image(*one, first + k) for k, one in enumerate(zip(x, v, cells, strict=True))]
        kind = FORMATS[self.path.suffix.lower()]
        if first == 0 and not images and self.path.exists():
            raise InputError("a new trajectory file", f"{self.path}, which exists", "choose another path, or remove it")
        if images:
            ase.io.write(str(self.path), images, format=kind, append=first > 0)

    def image(
        self, x: Float[np.ndarray, "n 3"], v: Float[np.ndarray, "n 3"], cell: Float[np.ndarray, "3 3"], number: int
    ) -> Any:
        """A frame with its time in fs."""
        as_float = lambda a: np.asarray(a, float)  # noqa: E731
        frame = self.atoms._replace(positions=as_float(x), velocities=as_float(v), cell=as_float(cell))
        made = ase_atoms(frame)
        made.info["time"] = (number + 1) * self.time_step
        return made
