# SPDX-License-Identifier: Apache-2.0
"""Errors of a trained potential on frames that it has not seen, and what it must obey."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import approximation, checks, data
from isinglass.result import Check, Estimate

if TYPE_CHECKING:
    from isinglass.approximation.regression.compared_frames import ComparedFrames
    from isinglass.data.atoms.labelled_atoms import LabelledAtoms
    from isinglass.data.atoms.reference_energy import ReferenceEnergies

__all__ = ["FittedPotential"]

ZERO = 1e-6  # eV/Å: forces below are none
SHEAR = 0.05  # of the spread of the diagonal, from which on shear is held against its labels


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
    def seen(self) -> "ComparedFrames":
        """Labels and predictions, in the order of the frames."""
        regression = approximation.regression
        return regression.compared(regression.all_predicted(self.model, self.rows), self.rows)

    @cached_property
    def forces_square(self) -> tuple[np.ndarray, np.ndarray]:
        """<|ΔF|²>/3 of each frame with forces, and its number of atoms."""
        return self.seen.over_frames(np.mean(self.seen.forces.error**2, axis=-1))

    def estimates(self) -> dict[str, Estimate]:
        """Root mean squares and means of absolute values, with errors from the spread over frames."""
        e, virial = self.seen.energy.error, np.mean(self.seen.virial.error**2, axis=(1, 2))
        found = {"energy_rmse": root_mean(e**2, np.ones_like(e), "meV/atom"), "energy_mae": mean(np.abs(e), "meV/atom")}
        if len(self.seen.frame):
            size = 1000 * float(np.mean(np.abs(self.seen.forces.error)))
            found |= {
                "forces_rmse": root_mean(*self.forces_square, "meV/Å"),
                "forces_mae": Estimate(size, None, "meV/Å"),
            }
        if len(virial):
            found["virial_rmse"] = root_mean(virial, np.ones_like(virial), "meV/atom")
        return found

    def main_error(self) -> Estimate:
        """Of forces, or of energies where no frame has forces."""
        found = self.estimates()
        return found.get("forces_rmse", found["energy_rmse"])

    def checks(self, key: Any) -> list[Check]:
        """Laws of the function, and whether its errors are small enough."""
        of, found = checks.atoms.potential, self.estimates()
        laws = [*of.laws(key, self.model, self.first_row()), *of.independent(self.nearness)]
        several = self.seen.energy.label[self.atoms.n_atoms > 1]
        spread = float(np.std(several)) if len(several) else 0.0
        laws.append(of.energies_error(*in_eV(found["energy_rmse"]), spread, len(several)))
        untested = np.setdiff1d(self.references.numbers, self.atoms.elements)
        laws += [*of.all_tested(data.atoms.reference_energy.symbols(untested)), *self.virial_checks()]
        if not len(self.seen.frame):
            return [*laws, of.forces_unknown()]
        size = float(np.sqrt(np.mean(self.seen.forces.label**2)))
        return [*laws, of.forces_error(*in_eV(found["forces_rmse"]), size, self.wanted), *self.worst_element()]

    def worst_element(self) -> list[Check]:
        """Of several, the one whose forces are worst by their size."""
        worst = max(self.elements(), key=lambda one: one[1] / one[3], default=None)
        return [] if worst is None else [checks.atoms.potential.each_element(*worst, self.wanted)]

    def elements(self) -> list[tuple[str, float, float | None, float]]:
        """Symbol, error of the forces, its error, their size, eV/Å, of each element that has forces, of several."""
        own, rows = np.isin(self.atoms.frame_of, self.seen.frame), []
        numbers = self.atoms.numbers[own]
        for Z in np.unique(numbers):
            here = numbers == Z
            size = float(np.sqrt(np.mean(self.seen.forces.label[here] ** 2)))
            square = np.mean(self.seen.forces.error[here] ** 2, axis=-1)
            found = root_mean(*self.seen._replace(frame=self.seen.frame[here]).over_frames(square), "")
            rows += [(data.atoms.reference_energy.symbols([Z]), *in_eV(found), size)] if size > ZERO else []
        return rows if len(rows) > 1 else []

    def virial_checks(self) -> list[Check]:
        """Of the diagonal; of shear where it matters, as small components may be in another order unseen."""
        label, off = self.seen.virial.label, self.seen.virial.error
        said, widest = [], 0.0
        for what, (i, j) in {"stresses": ([0, 1, 2], [0, 1, 2]), "shear stresses": ([1, 0, 0], [2, 2, 1])}.items():
            spread = float(label[:, i, j].std(axis=0).mean()) if len(label) else 0.0
            if len(label) and spread >= SHEAR * widest:
                square = np.mean(off[:, i, j] ** 2, axis=1)
                rmse = in_eV(root_mean(square, np.ones_like(square), ""))
                said.append(checks.atoms.potential.virials_error(*rmse, spread, len(label), what))
            widest = spread
        return said

    def first_row(self) -> Any:
        """The atoms of the first row, for the laws."""
        import jax

        return jax.tree.map(lambda a: a[:1], self.rows).seen[0]

    def arrays(self) -> Any:
        """Labels and predictions of the held-out frames."""
        import xarray as xr

        seen = self.seen
        kept = {"energy": ("frame", seen.energy.label), "energy_predicted": ("frame", seen.energy.found)}
        if len(seen.frame):
            kept |= {"force": (("atom", "axis"), seen.forces.label), "atom_frame": ("atom", seen.frame),
                     "force_predicted": (("atom", "axis"), seen.forces.found)}  # fmt: skip
        if len(seen.virial.label):
            axes = ("frame_with_stress", "axis", "axis_of_force")
            kept |= {"virial": (axes, seen.virial.label), "virial_predicted": (axes, seen.virial.found)}
        return xr.Dataset(kept)


def in_eV(e: Estimate) -> tuple[float, float | None]:
    """Value and error of an estimate in meV."""
    return e.value / 1000, None if e.error is None else e.error / 1000


def root_mean(square: np.ndarray, weight: np.ndarray, unit: str) -> Estimate:
    """√<x²>, its error by the spread over frames: δ = δ<x²>/(2 √<x²>); none of one frame."""
    value, F = float(np.average(square, weights=weight)), len(square)
    if F < 2 or not value > 0:
        return Estimate(1000 * value**0.5, None, unit)
    spread = float(np.sqrt(np.sum((weight * (square - value)) ** 2) * F / (F - 1))) / weight.sum()
    return Estimate(1000 * value**0.5, 1000 * spread / (2 * value**0.5), unit)


def mean(x: np.ndarray, unit: str) -> Estimate:
    """The mean and its error; none of one frame."""
    return Estimate(1000 * float(x.mean()), 1000 * float(x.std(ddof=1) / len(x) ** 0.5) if len(x) > 1 else None, unit)
