# SPDX-License-Identifier: Apache-2.0
"""Energies of the elements, E0_Z, that a model of E - Σ_i E0_Z(i) does not have to learn."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from isinglass.data.atoms.labelled_atoms import LabelledAtoms
from isinglass.errors import InputError

__all__ = ["ReferenceEnergies", "isolated_energies", "least_squares_energies", "reference_energies"]

FAR = 8.0  # Å
BINDING = (-20.0, 1.0)  # eV an atom, of matter against its isolated atoms; diamond has -7.4, tungsten -8.9


@dataclass(frozen=True)
class ReferenceEnergies:
    """E0 of each element."""

    numbers: Int[np.ndarray, " elements"]  # atomic numbers, ascending
    energy: Float[np.ndarray, " elements"]  # eV
    origin: str  # isolated atoms, or least squares
    notes: tuple[str, ...] = ()

    def of(self, atoms: LabelledAtoms) -> Float[np.ndarray, " frames"]:
        """Σ_i E0_Z(i) of each frame.  Errors: InputError for an element without a reference."""
        if len(new := np.setdiff1d(atoms.elements, self.numbers)):
            found = f"none of {symbols(new)}"
            raise InputError(f"a reference energy of each element of {atoms.source}", found, "give those, or give none")
        return atoms.composition @ self.energy[np.searchsorted(self.numbers, atoms.elements)]


def reference_energies(atoms: LabelledAtoms, isolated: LabelledAtoms | None = None) -> ReferenceEnergies:
    """Of isolated atoms where these are given, or among the frames for each element; else by least squares.

    Errors: InputError as `isolated_energies`, for a file of isolated atoms.
    """
    if isolated is not None:
        return isolated_energies(isolated, atoms)
    alone = np.flatnonzero(single(atoms))
    if len(alone) and not len(np.setdiff1d(atoms.elements, atoms.kept(alone).elements)):
        return isolated_energies(atoms.kept(alone), atoms)
    return least_squares_energies(atoms)


def single(atoms: LabelledAtoms) -> Bool[np.ndarray, " frames"]:
    """Whether each frame is one atom without images, or with none nearer than FAR."""
    periodic = np.where(atoms.pbc[:, :, None], atoms.cell, 0.0)
    slowest = np.linalg.norm(np.linalg.pinv(periodic), axis=1).max(axis=1)  # 1 / the smallest height of the cell
    return np.asarray((atoms.n_atoms == 1) & (slowest * FAR < 1))


def isolated_energies(isolated: LabelledAtoms, atoms: LabelledAtoms) -> ReferenceEnergies:
    """E0_Z is the energy of the frame that is one atom Z.

    Errors: InputError for larger frames, two energies of one element, an element of `atoms` that is missing.
    """
    where = isolated.source
    if not single(isolated).all():
        found = f"{isolated.n_atoms[~single(isolated)][0]} atoms, or a periodic one"
        raise InputError(
            f"frames of one isolated atom in {where}", found, "give energies of single atoms without images"
        )
    for Z in isolated.elements:
        if np.ptp(isolated.energy[isolated.numbers == Z]) > 1e-3:
            found = f"energies {np.unique(isolated.energy[isolated.numbers == Z])[:3].tolist()} eV of {symbols([Z])}"
            raise InputError(f"one energy of each element in {where}", found, "keep the one of the ground state")
    first = np.searchsorted(np.sort(isolated.numbers), isolated.elements)
    energy = isolated.energy[np.argsort(isolated.numbers, kind="stable")][first]
    found = ReferenceEnergies(isolated.elements, energy, f"isolated atoms of {where}")
    binding = ((atoms.energy - found.of(atoms)) / atoms.n_atoms)[atoms.n_atoms > 1]
    if len(binding) and not BINDING[0] <= np.median(binding) <= BINDING[1]:
        told = f"{np.median(binding):.4g} eV an atom in the median frame of {atoms.source}"
        fix = "take isolated atoms of the same method and unit, or leave them out"
        raise InputError(f"a binding energy of {BINDING[0]:g} to {BINDING[1]:g} eV against {where}", told, fix)
    return found


def least_squares_energies(atoms: LabelledAtoms) -> ReferenceEnergies:
    """E0 = argmin Σ_frames (E - Σ_i E0_Z(i))² / n², the shortest such vector where compositions leave it open.

    Law: residual energies do not change when a constant for each atom of an element is added to all energies.
    """
    n = atoms.n_atoms
    E0, _, rank, _ = np.linalg.lstsq(atoms.composition / n[:, None], atoms.energy / n, rcond=1e-10)
    notes = ()
    if rank < len(E0):
        found = f"{rank} independent compositions do not fix the energies of {len(E0)} elements"
        notes = (f"{found}, {symbols(atoms.elements)}: the shortest solution is taken, for these compositions alone",)
    return ReferenceEnergies(atoms.elements, E0, "least squares", notes)


def symbols(numbers) -> str:
    """Chemical symbols of atomic numbers."""
    from ase.data import chemical_symbols

    return ", ".join(chemical_symbols[Z] for Z in numbers)
