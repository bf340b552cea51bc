# SPDX-License-Identifier: Apache-2.0
"""A molecule's potential learned from quantum chemistry: geometry and vibrations beside those of PySCF itself."""

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import jax
import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass import data
from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import BOLTZMANN, TERAHERTZ
from isinglass.experiments.experiment import AbstractExperiment
from isinglass.result import Check, Estimate, Result
from isinglass.run.progress import ProgressCallable, silent
from isinglass.systems.particle.structure import AtomsInPotential
from isinglass.verbs import approximate

__all__ = ["MoleculePySCF"]

WAVENUMBER = 33.35641  # cm⁻¹ of 1 THz
NAMES = {"water": "H2O", "methanol": "CH3OH", "ethanol": "CH3CH2OH"}
SOURCE = "the same quantity by PySCF itself, its Hessian analytic"


@dataclass(frozen=True)
class MoleculePySCF(AbstractExperiment):
    """A molecule distorted from its minimum, with energies and forces of its electrons.

    Half of the frames are atoms displaced at random, which are stiff; half are drawn from the harmonic law of the
    molecule, so that what is soft turns far.  The Hessian chooses these frames and is nothing that is trained on.
    """

    name: ClassVar[str] = "molecule-pyscf"
    task: ClassVar[str] = "approximate"
    summary: ClassVar[str] = "geometry and vibrations of a molecule by a learned potential"
    rows: ClassVar[tuple[int, ...]] = (35, 36)
    paper: ClassVar[str] = "Sun et al. 2020, arXiv:2002.12531"
    claim: ClassVar[str] = "bonds within 0.005 Å, each vibration within 3 %, of PySCF's own"
    guide: ClassVar[str] = "docs/potentials.md"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "smoke": {"molecule": "water", "frames": 80, "temperature": 600.0, "epochs": 120, "model": "nequip",
                  "channels": 16},
        "laptop": {},
        "paper": {"molecule": "ethanol", "method": "pbe", "basis": "def2-svp", "frames": 2000, "channels": 64,
                  "epochs": 500},
    }  # fmt: skip

    molecule: Literal["water", "methanol", "ethanol"] = "ethanol"
    """The molecule."""
    method: str = "hf"
    """hf, or a density functional as PySCF names it."""
    basis: str = "sto-3g"
    """Orbitals."""
    frames: int = 400
    """Labelled distortions."""
    distortion: float = 0.04
    """Å: largest root mean square displacement along each axis, of those at random."""
    temperature: float = 300.0
    """K, of the harmonic law."""
    model: Literal["mace", "nequip", "moments"] = "mace"
    """The network."""
    channels: int = 32
    """Its width."""
    epochs: int = 300
    """Passes over the frames."""
    tolerance: float = 0.03
    """Allowed relative error of each frequency; a sixth of it in Å for each bond."""

    def run(self, key: Any, *, progress: ProgressCallable = silent, checkpoint: Path | None = None) -> Result:
        """Relax, distort, label, train, relax again."""
        key_frames, key_fit = jax.random.split(key)
        rng = np.random.default_rng(np.asarray(jax.random.key_data(key_frames)))
        exact = data.atoms.electronic_calculator.ElectronicCalculator(self.method, self.basis)
        rest = at_rest(NAMES[self.molecule], exact)
        hessian = exact.hessian(rest)
        soft = harmonic(rng, rest, hessian, self.frames // 2, self.temperature)
        frames = distorted(rng, rest, self.frames - len(soft), self.distortion) + soft
        told = lambda done: progress(done, len(frames), "quantum chemistry")  # noqa: E731
        labelled = data.atoms.calculated(frames, exact, progress=told)
        result = approximate(
            key_fit, labelled, model=self.model, channels=self.channels, epochs=self.epochs, cutoff=5.0, batch=5,
            progress=progress, checkpoint=checkpoint and checkpoint / "potential",
        )  # fmt: skip
        start = AtomsInPotential(result.models["potential"], data.atoms.atomic_structure(frames[0]))
        ours = approximate(0, start, properties="phonons", cell="none", progress=progress)
        self.judge(result, ours, rest, frequencies(hessian, rest.get_masses()))
        result.name, result.settings = self.name, asdict(self)
        return result

    def judge(self, result: Result, ours: Result, rest: Any, theirs: Float[np.ndarray, " modes"]) -> None:
        """Bonds and vibrations, the worst of each."""
        found = ours.arrays["grid_frequency"].to_numpy()[0]
        vibrations = slice(6, None)  # none of these molecules is linear
        off = np.max(np.abs(found[vibrations] / theirs[vibrations] - 1))
        bonds = np.max(np.abs(bond_lengths(rest, ours.arrays["positions"].to_numpy()) - bond_lengths(rest)))
        result.estimates |= {
            "bond_deviation": Estimate(float(bonds), None, "Å"),
            "frequency_deviation": Estimate(float(off)),
            "highest_frequency": Estimate(float(found[-1]) * WAVENUMBER, None, "cm^-1"),
            "lowest_frequency": Estimate(float(found[6]) * WAVENUMBER, None, "cm^-1"),
        }
        result.checks += [
            Check.at_most("largest deviation of a bond, Å", float(bonds), 0.0, tolerance=self.tolerance / 6,
                          source=SOURCE, of="bond_deviation"),
            Check.at_most("largest relative deviation of a vibration", float(off), 0.0, tolerance=self.tolerance,
                          source=SOURCE, of="frequency_deviation"),
            *(replace(check, law=f"at rest: {check.law}", of="") for check in ours.checks),
        ]  # fmt: skip
        columns = {"frequency_learned": ("vibration", found[vibrations] * WAVENUMBER, {"units": "cm^-1"}),
                   "frequency_true": ("vibration", theirs[vibrations] * WAVENUMBER, {"units": "cm^-1"})}  # fmt: skip
        result.arrays = result.arrays.merge(xr.Dataset(columns))
        result.figures.append("vibrations_compared")


def at_rest(formula: str, calculator: Any) -> Any:
    """The molecule at its minimum, to 1e-3 eV/Å.  Errors: InputError where it does not come to rest."""
    from ase.build import molecule
    from ase.optimize import BFGS

    atoms = molecule(formula)
    atoms.calc = calculator
    if not BFGS(atoms, logfile=None).run(fmax=1e-3, steps=200):
        size = float(np.linalg.norm(atoms.get_forces(), axis=1).max())
        raise InputError("a molecule at rest, forces below 1e-3 eV/Å", f"{size:.2g} eV/Å after 200 steps",
                         "choose another method or basis")  # fmt: skip
    return atoms


def distorted(rng: np.random.Generator, rest: Any, n: int, largest: float) -> list[Any]:
    """n distortions by normal displacements of 0.01 Å to the largest along each axis."""
    frames = []
    for _ in range(n):
        frames.append(rest.copy())
        frames[-1].positions += rng.uniform(0.01, largest) * rng.normal(size=rest.positions.shape)
    return frames


def harmonic(
    rng: np.random.Generator, rest: Any, hessian: Float[np.ndarray, "n 3 n 3"], frames: int, T: float
) -> list[Any]:
    """Displacements u by the law exp(-u H u/2kT): an energy of kT/2 in each vibration, none in turns.

    Unit: eV/Å², K.  Errors: InputError where a vibration is imaginary.
    """
    m = np.repeat(rest.get_masses(), 3)
    square, modes = np.linalg.eigh(hessian.reshape(len(m), -1) / np.sqrt(m[:, None] * m))
    if square[0] < -0.1 * square[6]:  # below translations and turns, which are 0 but for what the minimum is off by
        raise InputError("a molecule at a minimum", "an imaginary vibration", "choose another method or basis")
    square, modes = square[6:], modes[:, 6:]
    q = rng.normal(size=(frames, len(square))) * np.sqrt(BOLTZMANN * T / square)
    found = [rest.copy() for _ in range(frames)]
    for frame, u in zip(found, (q @ modes.T) / np.sqrt(m), strict=True):
        frame.positions += u.reshape(-1, 3)
    return found


def frequencies(hessian: Float[np.ndarray, "n 3 n 3"], masses: Float[np.ndarray, " n"]) -> Float[np.ndarray, " modes"]:
    """ω/2π in THz ascending, ω² the eigenvalues of ∂²E/√(m m'); an imaginary one as minus its modulus."""
    m = np.repeat(masses, 3)
    square = np.linalg.eigvalsh(hessian.reshape(len(m), -1) / np.sqrt(m[:, None] * m))
    return np.sign(square) * np.sqrt(np.abs(square)) / (2 * np.pi) / TERAHERTZ


def bond_lengths(atoms: Any, x: Float[np.ndarray, "n 3"] | None = None) -> Float[np.ndarray, " bonds"]:
    """Distances of pairs that are bonded in `atoms`: nearer than 1.25 times the sum of covalent radii."""
    from ase.data import covalent_radii

    radii = covalent_radii[atoms.numbers]
    i, j = np.triu_indices(len(atoms), 1)
    bonded = np.asarray(atoms.get_all_distances())[i, j] < 1.25 * (radii[i] + radii[j])
    at = np.asarray(atoms.positions if x is None else x)
    return np.linalg.norm(at[i] - at[j], axis=1)[bonded]
