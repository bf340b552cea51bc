# SPDX-License-Identifier: Apache-2.0
"""What is refused in labelled atoms, and what is told of them.

Law: Σ_i F_i = 0 of atoms in no outer field; what a file's forces sum to is their numerical error.
"""

import numpy as np

from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.data.atoms.unit_evidence import NearestPairs, nearest_pairs, require_units
from isinglass.errors import InputError

__all__ = ["notes_of", "require_sound"]

OVERLAP = 0.3  # Å; the shortest bond, H2, has 0.74
NET_FORCE = 0.01  # eV/Å
USUAL_FORCE = (0.01, 20.0)  # eV/Å, root mean square of a component


def require_sound(atoms: LabelledAtoms, *, check_units: bool) -> None:
    """Errors: InputError for unknown elements, cells without volume, overlapping atoms, other units than eV and Å."""
    if (atoms.numbers < 1).any():
        k = int(atoms.frame_of[np.argmax(atoms.numbers < 1)])
        raise InputError(f"elements in {atoms.source}", f"an atom of none, X, in frame {k}", "name each atom's element")
    for k, (cell, pbc) in enumerate(zip(atoms.cell, atoms.pbc, strict=True)):
        vectors = cell[pbc] if np.isfinite(cell).all() else np.zeros((3, 3))
        volume = np.sqrt(max(np.linalg.det(vectors @ vectors.T), 0.0)) if len(vectors) else 1.0
        if not volume > 1e-6 * np.prod(np.linalg.norm(vectors, axis=1)):
            found = f"periodic directions without one in frame {k}"
            raise InputError(f"a cell in {atoms.source}", found, "give one, or say there that they are not periodic")
    if not np.isfinite(atoms.positions).all():
        k = int(atoms.frame_of[np.argmax(~np.isfinite(atoms.positions).all(axis=1))])
        raise InputError(f"finite positions in {atoms.source}", f"NaN or infinity in frame {k}", "leave the frame out")
    nearest = nearest_pairs(atoms)
    if check_units:
        require_units(atoms, nearest)
    require_apart(atoms, nearest)


def require_apart(atoms: LabelledAtoms, nearest: NearestPairs) -> None:
    """Errors: InputError for atoms nearer than OVERLAP."""
    k = int(np.argmin(nearest.distance))
    if nearest.distance[k] < OVERLAP:
        found = f"atoms {nearest.i[k]} and {nearest.j[k]} of frame {k} {nearest.distance[k]:.3g} Å apart"
        raise InputError(f"atoms {OVERLAP} Å apart or more in {atoms.source}", found, "leave the frame out of the file")


def notes_of(atoms: LabelledAtoms) -> list[str]:
    """What a reader should know: frames without forces, slabs, net forces, forces of unusual size."""
    notes, periodic = [], atoms.pbc.sum(axis=1)
    if without := int(np.sum(~atoms.has_forces & (atoms.n_atoms > 1))):
        notes.append(f"{without} of {len(atoms)} frames have no forces")
    for directions, shape in ((2, "slabs"), (1, "wires")):
        if some := int(np.sum(periodic == directions)):
            notes.append(f"{some} frames are periodic in {directions} of three directions ({shape})")
    if (periodic == 0).any() and (periodic > 0).any():
        notes.append(f"{np.sum(periodic == 0)} frames are not periodic, {np.sum(periodic > 0)} are")
    return notes + force_notes(atoms)


def force_notes(atoms: LabelledAtoms) -> list[str]:
    """The largest net force, and a size of forces that is not usual in eV/Å."""
    known, notes = np.flatnonzero(atoms.has_forces & (atoms.n_atoms > 1)), []
    if not len(known):
        return notes
    forces = np.where(np.isnan(atoms.forces), 0.0, atoms.forces)
    net = np.linalg.norm(np.add.reduceat(forces, atoms.start[:-1], axis=0), axis=1)
    if net[known].max() > NET_FORCE:
        k = known[np.argmax(net[known])]
        notes.append(f"forces of frame {k} sum to {net[k]:.2g} eV/Å, the largest net force; it should be 0")
    size = np.sqrt(np.mean(forces[np.isin(atoms.frame_of, known)] ** 2))
    if not USUAL_FORCE[0] <= size <= USUAL_FORCE[1]:
        low, high = USUAL_FORCE
        notes.append(f"forces are {size:.2g} eV/Å in root mean square, not {low} to {high:g}: is it the unit?")
    return notes
