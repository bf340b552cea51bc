# SPDX-License-Identifier: Apache-2.0
"""Errors of a trained potential on frames that it has not seen, and what it must obey."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import approximation, checks
from isinglass.result import Check, Estimate

if TYPE_CHECKING:
    from isinglass.data.atoms.labelled_atoms import LabelledAtoms
    from isinglass.data.atoms.reference_energy import ReferenceEnergies

__all__ = ["FittedPotential"]


@dataclass(frozen=True)
class FittedPotential:
    """A potential, and frames for its errors."""

    model: Any
    atoms: "LabelledAtoms"
    rows: Any
    references: "ReferenceEnergies"
    wanted: float | None
    nearness: np.ndarray  # of the frames to those trained on

    @cached_property
    def errors(self) -> dict[str, np.ndarray]:
        """Of energies for each atom, frame by frame, and mean squares of the forces' errors, frame by frame."""
        return approximation.regression.frame_errors(self.model, self.rows)

    def estimates(self) -> dict[str, Estimate]:
        """Root mean squares and means of absolute values, with errors from the spread over frames."""
        e, f, n = self.errors["energy"], self.errors["forces_square"], self.errors["atoms"]
        found = {"energy_rmse": root_mean(e**2, np.ones_like(e), "meV/atom"), "energy_mae": mean(np.abs(e), "meV/atom")}
        if len(f):
            found |= {"forces_rmse": root_mean(f, n, "meV/Å")}
            found |= {
                "forces_mae": Estimate(1000 * float(np.average(self.errors["forces_size"], weights=n)), None, "meV/Å")
            }
        return found

    def checks(self, key: Any) -> list[Check]:
        """Laws of the function, and whether its errors are small enough."""
        of = checks.atoms.potential
        found = [*of.laws(key, self.model, self.first_row()), *of.independent(self.nearness)]
        e = self.estimates()["energy_rmse"]
        per_atom = (self.atoms.energy - self.references.of(self.atoms)) / self.atoms.n_atoms
        several = per_atom[self.atoms.n_atoms > 1]
        spread = float(np.std(several)) if len(several) else 0.0
        found.append(of.energies_error(e.value / 1000, None if e.error is None else e.error / 1000, spread))
        if not len(self.errors["forces_square"]):
            return [*found, of.forces_unknown()]
        size = float(np.sqrt(np.nanmean(self.atoms.forces**2)))
        rmse = self.estimates()["forces_rmse"]
        found.append(of.forces_error(rmse.value / 1000, (rmse.error or 0) / 1000, size, self.wanted))
        return found

    def first_row(self) -> Any:
        """The atoms of the first row, for the laws."""
        import jax

        row = jax.tree.map(lambda a: a[:1], self.rows)
        return checks.atoms.potential.AtomsSeen(row.r[0], row.table, row.species[0])

    def arrays(self) -> Any:
        """Errors by frame."""
        import xarray as xr

        e = self.errors
        kept = {"energy_error": ("frame", e["energy"])}
        if len(e["forces_square"]):
            kept["forces_mean_square_error"] = ("frame_with_forces", e["forces_square"])
        return xr.Dataset(kept)


def root_mean(square: np.ndarray, weight: np.ndarray, unit: str) -> Estimate:
    """√<x²>, its error by the spread over frames: δ = δ<x²>/(2 √<x²>)."""
    value = float(np.average(square, weights=weight))
    spread = float(np.sqrt(np.sum((weight * (square - value)) ** 2))) / weight.sum()
    return Estimate(1000 * value**0.5, 1000 * spread / (2 * value**0.5) if value > 0 else None, unit)


def mean(x: np.ndarray, unit: str) -> Estimate:
    """The mean and its error."""
    return Estimate(1000 * float(x.mean()), 1000 * float(x.std() / len(x) ** 0.5) if len(x) > 1 else None, unit)
