# SPDX-License-Identifier: Apache-2.0
"""How far off the forces may be along a trajectory, and at rest, where the potential knows it."""

from dataclasses import dataclass

import numpy as np

from isinglass import checks, data
from isinglass.result import Check, Estimate
from isinglass.sampling.dynamics.block import UncertaintyRows
from isinglass.systems.particle.interatomic import Uncertainty

__all__ = ["MovedDoubt"]


@dataclass(frozen=True)
class MovedDoubt:
    """Standard errors of each row, and those that held-out frames have."""

    rows: UncertaintyRows
    known: float  # eV/Å
    steps: np.ndarray  # of the rows
    numbers: np.ndarray  # of the atoms

    @staticmethod
    def of_one(found: Uncertainty, known: float, numbers: np.ndarray) -> "MovedDoubt":
        """Of atoms as they stand: one row, step 0."""
        sigma = np.asarray(found.forces, float)
        mean, largest, worst = np.sqrt(np.mean(sigma**2)), np.max(sigma), int(np.argmax(sigma))
        row = UncertaintyRows(*(np.atleast_1d(np.asarray(a)) for a in (mean, largest, worst, found.energy)))
        return MovedDoubt(row, known, np.zeros(1, int), numbers)

    def series(self) -> dict[str, np.ndarray]:
        """Name -> value in each row: eV/Å, the number of an atom, meV an atom."""
        mean, largest, energy = (np.asarray(a, float) for a in (self.rows.mean, self.rows.largest, self.rows.energy))
        return {"forces_uncertainty": mean, "largest_forces_uncertainty": largest,
                "most_uncertain_atom": np.asarray(self.rows.atom), "energy_uncertainty": 1000 * energy}  # fmt: skip

    def estimates(self) -> dict[str, Estimate]:
        """Root mean square along the trajectory, and the largest."""
        found = self.series()
        if not len(self.steps):
            return {}
        square = float(np.sqrt(np.mean(found["forces_uncertainty"] ** 2)))
        return {"forces_uncertainty": Estimate(1000 * square, None, "meV/Å"),
                "largest_forces_uncertainty": Estimate(1000 * float(self.rows.largest.max()), None, "meV/Å"),
                "energy_uncertainty": Estimate(float(np.mean(found["energy_uncertainty"])), None,
                                               "meV/atom")}  # fmt: skip

    def checks(self) -> list[Check]:
        """Whether the potential knows these atoms."""
        symbol = {z: data.atoms.reference_energy.symbols([z]) for z in set(self.numbers.tolist())}
        names = [symbol[z] for z in self.numbers[np.asarray(self.rows.atom, int)].tolist()]
        return [checks.atoms.committee.as_known(
            np.asarray(self.rows.largest, float), np.asarray(self.rows.atom), self.known, self.steps, names
        )]  # fmt: skip
