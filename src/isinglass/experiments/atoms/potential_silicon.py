# SPDX-License-Identifier: Apache-2.0
"""Silicon from crystal to liquid by a potential that was learned from that of Stillinger and Weber."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import jax
import numpy as np

from isinglass import data
from isinglass.errors import InputError
from isinglass.experiments.atoms.liquid_structure import LiquidStructure, decided, difference
from isinglass.experiments.atoms.silicon_frames import diamond, liquid_cell, liquid_frames, solid_frames, vacancy
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber
from isinglass.systems.particle.structure import AtomicStructure, AtomsInPotential
from isinglass.verbs import approximate, sample

__all__ = ["PotentialSilicon"]

PARTS = ("crystal", "vacancy", "liquid", "drift")
PHASES = ("crystal", "strained", "vacancy", "liquid")
BALAMANE = "Balamane, Halicioglu and Tiller 1992, doi:10.1103/PhysRevB.46.2250"
TRUE = "the same quantity by the potential of Stillinger and Weber itself"
ELASTIC = {"elastic_c11": 151.4, "elastic_c12": 76.4, "elastic_c44": 56.4}  # GPa
OPTICAL = 17.83  # THz
VACANCY = 2 * 2.1683  # eV, 2ε: four bonds of ε are cut, two are made elsewhere; its neighbors feel no force
EXACT: Any = StillingerWeber()  # pyright: ignore[reportCallIssue]  # its cutoff is a property
EVERY = 20  # steps from frame to frame


@dataclass(frozen=True)
class PotentialSilicon(AbstractExperiment):
    """Rattled, strained and emptied diamond and molten cells, labelled by Stillinger-Weber; its crystal, its vacancy,
    and its liquid in motion are predicted.
    """

    name: ClassVar[str] = "potential-silicon"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "silicon's crystal, vacancy and liquid by a learned potential"
    rows: ClassVar[tuple[int, ...]] = (35, 39)
    paper: ClassVar[str] = "Stillinger and Weber 1985, doi:10.1103/PhysRevB.31.5262"
    claim: ClassVar[str] = (
        "lattice constant within 0.17 %, elastic constants, optical mode and vacancy within 5 %, the same liquid"
    )
    guide: ClassVar[str] = "docs/potentials.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"parts": ("crystal",), "solids": 120, "liquids": 32, "epochs": 60, "liquid_steps": 2000,
                  "tolerance": 0.15, "share": 0.2},
        "laptop": {},
        "paper": {"solids": 3000, "liquids": 1000, "epochs": 400, "model": "mace", "liquid_steps": 100_000,
                  "drift_steps": 100_000},
    }  # fmt: skip

    parts: tuple[str, ...] = PARTS
    """What is predicted: crystal, vacancy, liquid (in motion), drift (of the energy in motion)."""
    model: Literal["mace", "nequip", "moments"] = "moments"
    """The network."""
    solids: int = 450
    """Labelled solid frames, a third each of crystals, strained crystals and vacancies."""
    liquids: int = 80
    """Labelled frames of the liquid, half of them at twice the temperature."""
    epochs: int = 200
    """Passes over them."""
    cutoff: float = 4.0
    """Å; that of Stillinger-Weber is 3.77."""
    temperature: float = 2000.0
    """K of the liquid."""
    liquid_steps: int = 20_000
    """Steps of 1 fs of the liquid in each of both potentials."""
    drift_steps: int = 10_000
    """Steps of 1 fs of the crystal at constant energy."""
    tolerance: float = 0.05
    """Allowed relative error of elastic constants, optical mode, vacancy; a thirtieth of it for the length."""
    share: float = 0.1
    """Allowed error of forces on held-out frames of each phase, relative to the forces."""
    structure: float = 0.05
    """Allowed difference of the radial distributions, root mean square over r, and relative of neighbors."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Melt, label, train, predict.  Errors: InputError for a part that is none."""
        if wrong := [part for part in self.parts if part not in PARTS]:
            raise InputError(f"parts among {', '.join(PARTS)}", wrong[0], "choose some of them")
        keys = jax.random.split(key, 7)
        job, moving = Silicon(self, progress, checkpoint), "liquid" in self.parts
        ordered = data.atoms.atomic_structure(liquid_cell())
        hot = job.moved(keys[0], "hot", EXACT, ordered, 2 * self.temperature)
        melt = ended(hot, ordered)
        again = ("warm", "true") if moving else ()
        warm = [job.moved(k, part, EXACT, melt, self.temperature) for k, part in zip(keys[1:3], again, strict=False)]
        result = job.learned(keys[3], *job.labelled(keys[4], hot, warm, melt))
        potential = result.models["potential"]
        if "crystal" in self.parts or "vacancy" in self.parts:
            job.judge_crystal(result, potential)
        if "vacancy" in self.parts:
            job.judge_vacancy(result, potential)
        if moving:
            ours = job.moved(keys[5], "learned", potential, melt, self.temperature)
            job.judge_liquid(result, ours, warm[1], melt.cell)
        if "drift" in self.parts:
            job.judge_drift(result, keys[6], potential)
        result.name, result.settings = self.name, asdict(self)
        return result


@dataclass(frozen=True)
class Silicon:
    """The parts of a run."""

    of: PotentialSilicon
    progress: ProgressCallable
    checkpoint: Path | None

    def folder(self, part: str) -> dict[str, Any]:
        """Progress and checkpoint of a part, as every verb takes them."""
        return {"progress": self.progress, "checkpoint": self.checkpoint and self.checkpoint / part}

    def moved(self, key: Any, part: str, potential: Any, atoms: AtomicStructure, temperature: float) -> Result:
        """A liquid in motion."""
        return sample(key, AtomsInPotential(potential, atoms), temperature=temperature, steps=self.of.liquid_steps,
                      every=EVERY, friction=20.0, **self.folder(part))  # fmt: skip

    def labelled(self, key: Any, hot: Result, warm: list[Result], melt: AtomicStructure) -> tuple[Any, Any]:
        """Frames to train on, and others for the test, of a run of their own where there is one.

        Of the hot liquid the frames after the first fifth; without another run its last fifth is for the test.
        """
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        n, tests, x = self.of.liquids, max(4, self.of.liquids // 4), positions(hot)
        if warm:
            train, test = (positions(run) for run in warm)
            liquid = liquid_frames(melt, x, n // 2) + liquid_frames(melt, train, n // 2)
        else:
            liquid, test = liquid_frames(melt, x[: 3 * len(x) // 4], n), x[4 * len(x) // 5 :]
        oracle = data.atoms.InteratomicCalculator(EXACT)
        return (
            data.atoms.calculated(solid_frames(rng, self.of.solids) + liquid, oracle),
            data.atoms.calculated(
                solid_frames(rng, max(12, self.of.solids // 5)) + liquid_frames(melt, test, tests), oracle
            ),
        )

    def learned(self, key: Any, train: Any, test: Any) -> Result:
        """The potential, and its errors on the test frames, of each phase too."""
        result = approximate(key, train, test=test, model=self.of.model, epochs=self.of.epochs, cutoff=self.of.cutoff,
                             batch=4, energy_weight=100.0, **self.folder("potential"))  # fmt: skip
        self.judge_phases(result, test)
        return result

    def judge_phases(self, result: Result, test: Any) -> None:
        """Errors of forces and energies on held-out frames, phase by phase."""
        of_frame, arrays = np.array(test.group), result.arrays
        off = (arrays["force_predicted"] - arrays["force"]).to_numpy()
        energy_off = (arrays["energy_predicted"] - arrays["energy"]).to_numpy()
        for phase in PHASES:
            here = of_frame == phase
            atoms = here[arrays["atom_frame"].to_numpy()]
            rmse = float(np.sqrt(np.mean(off[atoms] ** 2)))
            size = float(np.sqrt(np.mean(arrays["force"].to_numpy()[atoms] ** 2)))
            name = f"forces_rmse/{phase}"
            result.estimates[name] = Estimate(1000 * rmse, None, "meV/Å")
            energy = float(np.sqrt(np.mean(energy_off[here] ** 2)))
            result.estimates[f"energy_rmse/{phase}"] = Estimate(1000 * energy, None, "meV/atom")
            law = f"error of forces on held-out frames, meV/Å ({phase}; {self.of.share:g} of the forces)"
            result.checks.append(Check.at_most(law, 1000 * rmse, 1000 * self.of.share * size, of=name))

    def judge_crystal(self, result: Result, potential: Any) -> None:
        """At rest: length, elastic constants, optical mode."""
        from ase.build import bulk

        start = AtomsInPotential(potential, data.atoms.atomic_structure(bulk("Si", "diamond", a=5.5)))
        rest = approximate(0, start, cell="full", reach=4.0, **self.folder("crystal"))
        found, part = rest.estimates, self.of.tolerance
        a = found["cell_length_a"].value * 2**0.5
        result.estimates["energy_per_atom"] = found["energy_per_atom"]
        result.estimates["lattice_constant"] = Estimate(a, None, "Å")
        result.checks.append(Check.within("lattice constant", a, 5.431, part / 30 * 5.431, of="lattice_constant",
                                          source=PotentialSilicon.paper))  # fmt: skip
        for name, expected in ELASTIC.items():
            result.estimates[name] = found[name]
            result.checks.append(Check.within(name.replace("_", " "), found[name].value, expected, part * expected,
                                              source=BALAMANE, of=name))  # fmt: skip
        result.estimates["optical_mode"] = found["highest_frequency"]
        law = "highest frequency, that of the optical mode at q = 0, THz"
        result.checks.append(Check.within(law, found["highest_frequency"].value, OPTICAL, part * OPTICAL, source=TRUE,
                                          of="optical_mode"))  # fmt: skip
        result.checks += [replace(check, law=f"crystal: {check.law}", of="") for check in rest.checks]

    def judge_vacancy(self, result: Result, potential: Any) -> None:
        """E(63) - 63 e, e an atom of the crystal, relaxed in the crystal's own volume."""
        e, a = (result.estimates[name].value for name in ("energy_per_atom", "lattice_constant"))
        empty = AtomsInPotential(potential, data.atoms.atomic_structure(vacancy(a=a)))
        rest = approximate(0, empty, cell="none", properties="none", **self.folder("vacancy"))
        energy = 63 * (rest.estimates["energy_per_atom"].value - e)
        result.estimates["vacancy_energy"] = Estimate(energy, None, "eV")
        result.checks.append(Check.within("vacancy energy, eV", energy, VACANCY, self.of.tolerance * VACANCY,
                                          source=f"2ε; {BALAMANE}", of="vacancy_energy"))  # fmt: skip

    def judge_liquid(self, result: Result, ours: Result, true: Result, cell: Any) -> None:
        """The same radial distribution and as many neighbors as with the true potential, within errors."""
        g, g_true = (LiquidStructure.of(positions(run), cell) for run in (ours, true))
        apart, near, near_true = difference(g, g_true), g.coordination, g_true.coordination
        law = "radial distribution, root mean square difference from the true liquid's"
        name = "radial_distribution_difference"
        result.estimates |= {name: apart, "neighbors": near, "neighbors/true": near_true}
        result.checks.append(decided(Check.at_most(law, apart.value, 0.0, tolerance=self.of.structure,
                                                   error=apart.error, of=name)))  # fmt: skip
        error, allowed = np.hypot(near.error or 0, near_true.error or 0), self.of.structure * near_true.value
        law = "neighbors within 3 Å in the liquid"
        result.checks.append(decided(Check.within(law, near.value, near_true.value, allowed, error=float(error),
                                                  source=TRUE, of="neighbors")))  # fmt: skip
        result.checks += [replace(check, law=f"liquid: {check.law}", of="") for check in ours.checks]
        curves = np.stack([g_true.g, g.g])
        error = curves.std(axis=1, ddof=1) / curves.shape[1] ** 0.5
        result.arrays = result.arrays.assign_coords(r=g.r, potential=["true", "learned"])
        result.arrays["radial_distribution"] = (("potential", "r"), curves.mean(axis=1))
        result.arrays["radial_distribution_error"] = (("potential", "r"), error)
        result.figures.append("radial_distribution")

    def judge_drift(self, result: Result, key: Any, potential: Any) -> None:
        """The crystal at 300 K at constant energy."""
        atoms = AtomsInPotential(potential, data.atoms.atomic_structure(diamond((2, 2, 2))))
        run = sample(key, atoms, temperature=600.0, steps=self.of.drift_steps, ensemble="nve", **self.folder("drift"))
        result.checks += [replace(check, law=f"crystal at constant energy: {check.law}", of="") for check in run.checks]


def positions(run: Result) -> np.ndarray:
    """Frames of a run."""
    return run.arrays["positions"].to_numpy().astype(float)


def ended(run: Result, atoms: AtomicStructure) -> AtomicStructure:
    """Atoms where a run ended, with their velocities."""
    x, v = (run.arrays[f"final_{name}"].to_numpy() for name in ("positions", "velocities"))
    return atoms._replace(positions=x, velocities=v)
