# SPDX-License-Identifier: Apache-2.0
"""Any interatomic potential as a calculator of ASE, an extra: energy, forces, stress, for whatever ASE drives."""

from typing import Any, ClassVar

import numpy as np

from isinglass.data.atoms.stored_frame import load_ase
from isinglass.data.atoms.structure_file import atomic_structure
from isinglass.errors import InputError
from isinglass.systems.particle.evaluation import PaddedSizes, evaluate
from isinglass.systems.particle.interatomic import AbstractInteratomic, AbstractUncertainPotential

__all__ = ["InteratomicCalculator"]

load_ase()

from ase.calculators.calculator import Calculator, all_changes  # noqa: E402


class InteratomicCalculator(Calculator):
    """E, F = -dE/dr, stress = dE/dε / V in ASE's order xx yy zz yz xz xy, positive under tension.

    The compiled program is used again while the padded sizes stay.  `precision`: single (float32) or double.
    Of a potential that knows its uncertainty also `forces_std`, one number an atom, and `energy_std`: standard errors.
    Law: `free_energy` is `energy`, whose derivatives forces are.  Errors: InputError as `evaluate`.
    """

    implemented_properties: ClassVar = ["energy", "free_energy", "energies", "forces", "stress"]

    def __init__(self, potential: AbstractInteratomic, *, precision: Any = "double", **settings: Any):
        """`settings`: those of every calculator of ASE."""
        if precision not in ("single", "double"):
            raise InputError("precision single or double", repr(precision), "leave it out for double")
        Calculator.__init__(self, **settings)
        self.potential, self.sizes = potential, PaddedSizes()
        self.precision: Any = precision
        if isinstance(potential, AbstractUncertainPotential):
            self.implemented_properties = [*self.implemented_properties, "energy_std", "forces_std"]

    def calculate(self, atoms: Any = None, properties: Any = ("energy",), system_changes: Any = all_changes) -> None:
        """Everything at once: the derivatives cost about as much as the energy."""
        Calculator.calculate(self, atoms, list(properties), system_changes)
        found = evaluate(self.potential, atomic_structure(self.atoms), self.sizes, precision=self.precision)
        self.sizes = found.sizes
        self.results = {
            "energy": found.energy, "free_energy": found.energy, "energies": found.energies, "forces": found.forces
        }  # fmt: skip
        if found.uncertainty is not None:
            self.results["forces_std"] = np.asarray(found.uncertainty.forces, float)
            self.results["energy_std"] = float(found.uncertainty.energy) * len(found.energies)
        if np.isfinite(found.stress).all():
            self.results["stress"] = found.stress[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]]
