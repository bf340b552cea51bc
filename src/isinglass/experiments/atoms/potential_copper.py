# SPDX-License-Identifier: Apache-2.0
"""Bulk, surfaces and vacancies of copper by a potential that was learned from effective-medium theory."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import jax
import numpy as np

from isinglass import data
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.verbs import approximate

__all__ = ["PotentialCopper"]

SURFACES = ("111", "100", "110")
GPA = 160.21766208  # GPa of 1 eV/Å³
SOURCE = "the same quantity by EMT itself (ASE)"


@dataclass(frozen=True)
class PotentialCopper(AbstractExperiment):
    """Rattled, strained, cut and emptied fcc cells, labelled by ASE's EMT, against which its predictions are held."""

    name: ClassVar[str] = "potential-copper"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "copper's bulk, surfaces and vacancy by a learned potential"
    rows: ClassVar[tuple[int, ...]] = (35, 39)
    paper: ClassVar[str] = "Jacobsen, Stoltze and Nørskov 1996, doi:10.1016/0039-6028(96)00816-3"
    claim: ClassVar[str] = "lattice constant within 0.1 %, bulk modulus within 3 %, surfaces and vacancy within 3 %"
    guide: ClassVar[str] = "docs/potentials.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"frames": 120, "epochs": 120, "tolerance": 0.15},
        "laptop": {},
        "paper": {"frames": 2000, "epochs": 400, "model": "mace"},
    }

    model: Literal["mace", "nequip", "moments"] = "moments"
    """The network."""
    frames: int = 300
    """Labelled frames, a third each of bulk, surfaces and vacancies."""
    epochs: int = 300
    """Passes over them."""
    tolerance: float = 0.03
    """Allowed relative error of modulus, surface energies and vacancy; a thirtieth of it for the length."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Label, train, predict."""
        key_frames, key_fit = jax.random.split(key)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_frames)))
        atoms = data.atoms.calculated(copper_frames(rng, self.frames), emt())
        result = approximate(key_fit, atoms, model=self.model, epochs=self.epochs, batch=4, energy_weight=100.0,
                             progress=progress, checkpoint=checkpoint)  # fmt: skip
        ours = properties(data.atoms.InteratomicCalculator(result.models["potential"]))
        theirs = properties(emt())
        for name, (value, unit) in ours.items():
            result.estimates[name] = Estimate(value, None, unit)
            expected = theirs[name][0]
            part = self.tolerance / 30 if name == "lattice_constant" else self.tolerance
            result.checks.append(Check.within(f"{name.replace('_', ' ')} of EMT", value, expected,
                                              part * abs(expected), source=SOURCE, of=name))  # fmt: skip
        result.name, result.settings = self.name, asdict(self)
        return result


def emt() -> Any:
    """ASE's effective-medium theory; its cutoff is beyond the third shell of copper."""
    from ase.calculators.emt import EMT

    return EMT()


def copper_frames(rng: np.random.Generator, n: int) -> list[Any]:
    """Bulk cells, slabs and cells with a vacancy in turn: strained by up to 4 %, rattled by 0.01 to 0.15 Å.

    Bulk cells are scaled by up to 3 % besides: the modulus is the curvature of their energy.
    """
    frames = []
    for k in range(n):
        cell = (bulk_cell, slab, vacancy_cell)[k % 3](rng)
        strain = rng.uniform(-0.03, 0.03) if k % 3 == 0 else 0.0
        shape = np.eye(3) * (1 + strain) + rng.uniform(-0.04, 0.04, (3, 3)) * rng.uniform()
        cell.set_cell(cell.cell.array @ shape, scale_atoms=True)
        cell.positions += rng.uniform(0.01, 0.15) * rng.normal(size=cell.positions.shape)
        frames.append(cell)
    return frames


def bulk_cell(rng: np.random.Generator | None = None, a: float = 3.6) -> Any:
    """Four atoms, twice along each of two directions."""
    from ase.build import bulk

    return bulk("Cu", "fcc", a=a, cubic=True).repeat((2, 2, 1) if rng is not None else (1, 1, 1))


def slab(rng: np.random.Generator | None, a: float = 3.6, face: str = "") -> Any:
    """Layers of one of the faces, by default a random one, with vacuum on both sides and periodic all around."""
    from ase import build

    face = face or (SURFACES[0] if rng is None else str(rng.choice(SURFACES)))
    size = {"111": (2, 2, 6), "100": (2, 2, 6), "110": (2, 2, 8)}[face]
    made = getattr(build, f"fcc{face}")("Cu", size, a=a, vacuum=6.0, orthogonal=face != "111")
    made.pbc = True
    return made


def vacancy_cell(rng: np.random.Generator | None = None, a: float = 3.6) -> Any:
    """31 of 32 atoms."""
    from ase.build import bulk

    cell = bulk("Cu", "fcc", a=a, cubic=True).repeat(2)
    del cell[0]
    return cell


def properties(calculator: Any) -> dict[str, tuple[float, str]]:
    """Lattice constant, bulk modulus, surface energies, vacancy energy, of frozen and of relaxed atoms."""
    from ase.eos import EquationOfState
    from ase.optimize import BFGS

    volumes, energies = [], []
    for a in np.linspace(3.55, 3.65, 9):
        cell = bulk_cell(a=float(a))
        cell.calc = calculator
        volumes.append(cell.get_volume() / 4)
        energies.append(cell.get_potential_energy() / 4)
    v0, e0, B = EquationOfState(volumes, energies, eos="birchmurnaghan").fit()
    a0 = float((4 * v0) ** (1 / 3))
    found = {"lattice_constant": (a0, "Å"), "bulk_modulus": (float(B) * GPA, "GPa")}
    for face in SURFACES:
        made = slab(None, a0, face)
        made.calc = calculator
        area = float(np.linalg.norm(np.cross(made.cell[0], made.cell[1])))
        found[f"surface_energy_{face}"] = ((made.get_potential_energy() - len(made) * e0) / (2 * area) * 1000, "meV/Å²")
    empty = vacancy_cell(a=a0)
    empty.calc = calculator
    BFGS(empty, logfile=None).run(fmax=1e-3, steps=100)
    found["vacancy_energy"] = (float(empty.get_potential_energy() - len(empty) * e0), "eV")
    return found
