# SPDX-License-Identifier: Apache-2.0
"""Atoms with elements, masses and a cell, and the potential that they move in."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from isinglass.errors import InputError
from isinglass.systems.particle.interatomic import AbstractInteratomic, species_of
from isinglass.systems.particle.neighbor_search import checked

__all__ = ["AtomicStructure", "AtomsInPotential", "known_species"]


class AtomicStructure(NamedTuple):
    """Unit: Å, amu, velocities in Å/√(amu Å²/eV), that of ASE.  Rows of the cell are its vectors."""

    positions: Float[np.ndarray, "n 3"]
    numbers: Int[np.ndarray, " n"]  # atomic numbers
    cell: Float[np.ndarray, "3 3"]
    pbc: Bool[np.ndarray, " 3"]
    masses: Float[np.ndarray, " n"]
    velocities: Float[np.ndarray, "n 3"] | None = None  # None: at rest, or drawn by who moves them

    @property
    def volume(self) -> float:
        """Of the cell; NaN where a direction is open."""
        return float(abs(np.linalg.det(self.cell))) if self.pbc.all() else float("nan")


@dataclass(frozen=True)
class AtomsInPotential:
    """Atoms at their start in E({r}): to be moved at a temperature, or to rest.

    Errors: InputError for elements that the potential does not know, masses not above 0, cells without volume,
    velocities that are no numbers.
    """

    potential: AbstractInteratomic | Any
    atoms: AtomicStructure

    def __post_init__(self):
        """Refuse what no potential could take."""
        atoms = self.atoms
        if not isinstance(self.potential, AbstractInteratomic):
            found = type(self.potential).__name__
            raise InputError("an interatomic potential, AbstractInteratomic", found, "give StillingerWeber(), say")
        checked(atoms.positions, atoms.cell, atoms.pbc, float(self.potential.cutoff))
        known_species(self.potential, atoms.numbers)
        if not (np.isfinite(atoms.masses).all() and (atoms.masses > 0).all()):
            raise InputError("masses above 0", f"{atoms.masses.min()}", "give each atom a mass in amu")
        if atoms.velocities is not None and not np.isfinite(atoms.velocities).all():
            raise InputError("finite velocities", "NaN or infinity", "leave them out, to draw them at a temperature")

    @property
    def species(self) -> Int[np.ndarray, " n"]:
        """The place of each element in the potential."""
        return known_species(self.potential, self.atoms.numbers)

    @property
    def least_coordination(self) -> float | None:
        """Of an atom in the training of a learned potential, Σ_j (1 - r²/R²)²; None: not known."""
        known = getattr(self.potential, "coordination", None)
        return None if known is None else float(known)


def known_species(potential: AbstractInteratomic, numbers: Int[np.ndarray, " n"]) -> Int[np.ndarray, " n"]:
    """Places of the elements in a potential.  Errors: InputError naming those that it does not know."""
    missing = sorted(set(np.asarray(numbers).tolist()) - set(potential.numbers))
    if missing:
        expected = f"elements among the atomic numbers {', '.join(map(str, potential.numbers))}"
        raise InputError(expected, f"{', '.join(map(str, missing))}", "use a potential that knows them")
    return species_of(np.asarray(numbers), potential.numbers)
