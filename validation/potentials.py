# SPDX-License-Identifier: Apache-2.0
"""Interatomic potentials trained on frames of others: errors of forces on the handed test frames.

Frames are read as by `isinglass potential`.  Expected: no more than what is near the errors that others published for
the set, meV/Å; of a set that is not known here, a tenth of the forces.  A file of energies alone must be refused in a
sentence that names a key.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from validation.case import Case, Measured, files

__all__ = ["KNOWN", "PublishedErrors", "cases", "partner"]

EPOCHS = {"smoke": 0.02, "laptop": 1.0, "paper": 4.0}  # times those of the set


@dataclass(frozen=True)
class PublishedErrors:
    """What is known of a set, and how it is trained."""

    bound: float  # to be reached
    source: str
    settings: dict[str, Any] = field(default_factory=dict)
    error: str = "forces_rmse"


MOLECULE = {"model": "mace", "epochs": 200}
CURVE = {"model": "mace", "epochs": 60, "halvings": 2}  # fewer epochs, and the error by frames
MESSAGES = {"model": "mace", "channels": 32, "epochs": 40, "energy_weight": 100.0, "weight_growth": 30.0}
CRYSTAL = {"model": "moments", "epochs": 300, "energy_weight": 100.0}
SIX = "MTP and GAP of Zuo et al. 2020, doi:10.1021/acs.jpca.9b08723: 0.03 to 0.4 eV/Å"
KNOWN = {
    "acac": PublishedErrors(12.0, "MACE 5.1 meV/Å, arXiv:2206.07697; to reach: 12", MOLECULE),
    "3bpa": PublishedErrors(30.0, "MACE 8.8 meV/Å, arXiv:2206.07697; to reach: 30", CURVE | {"epochs": 40}),
    "ethanol": PublishedErrors(12.0, "MACE 2.1 meV/Å of another split, arXiv:2206.07697; to reach: 12", CURVE),
    "mlearn_Ge": PublishedErrors(100.0, SIX, MESSAGES),
    "mlearn_Si": PublishedErrors(100.0, SIX, MESSAGES),
    "mlearn": PublishedErrors(100.0, SIX, CRYSTAL),
    "Ta_snap": PublishedErrors(
        75.8, "linear SNAP, mean absolute 75.8, doi:10.1016/j.jcp.2014.12.018", CRYSTAL, "forces_mae"
    ),
    "water64": PublishedErrors(
        60.0, "DeepPot-SE about 40 meV/Å, arXiv:1805.09003; to reach: 60", CRYSTAL | {"epochs": 150}
    ),
}


def cases(roots: list[Path]) -> list[Case]:
    """Files potentials/NAME_train*: one case each, with NAME_test* where there is one; files without forces."""
    found = []
    for path in files(roots, "potentials/*xyz*"):
        if "isolated" in path.name or partner_of(path):
            continue
        if not has_forces(path):
            found.append(Case("potential", path, None, "it has energies alone", refused))
            continue
        known = next((one for name, one in KNOWN.items() if path.name.startswith(name)), None)
        source = known.source if known else "no number is known; to reach: a tenth of the forces"
        bound = known.bound if known else 100.0  # of an unknown set, per mille of the forces
        measure = lambda file, preset, known=known: trained(file, preset, known)  # noqa: E731
        found.append(Case("potential", path, 0.0, source, measure, tolerance=bound))
    return found


def partner(path: Path) -> Path | None:
    """The frames to test a training file on: NAME_test..., with the words of the training file."""
    if "train" not in path.name:
        return None
    name = path.name.partition("_train")[0]
    words = path.name.split(".")[0].partition("_train")[2]
    same = [other for other in sorted(path.parent.glob(f"{name}_test*")) if has_forces(other)]
    return next((other for other in same if words.lstrip("ing_") in other.name), same[0] if same else None)


def partner_of(path: Path) -> bool:
    """Whether a file with forces holds the test frames of another."""
    name, test, _ = path.name.partition("_test")
    return bool(test) and has_forces(path) and any(path.parent.glob(f"{name}_train*"))


def has_forces(path: Path) -> bool:
    """Whether the first frame has three more numbers an atom."""
    import gzip

    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return "force" in [next(lines), next(lines)][1].lower()


def refused(path: Path, preset: str) -> Measured:
    """A potential cannot be trained on energies alone without a word of the user."""
    from isinglass.data.atoms import read_atoms
    from isinglass.errors import InputError

    try:
        read_atoms(path)
    except InputError as error:
        return Measured(None, None, "asked", str(error))
    return Measured(0.0, None, "pass", "read without forces")


def along(potential: Any, path: Path) -> str:
    """Energies along a scan of one coordinate: root mean square error, both less their means, beside the range."""
    from ase import Atoms

    from isinglass.data.atoms import InteratomicCalculator, read_atoms

    atoms, calculator, found = read_atoms(path, need_forces=False), InteratomicCalculator(potential), []
    for k in range(len(atoms)):
        one = atoms.frame(k)
        of = Atoms(one.numbers, one.positions, cell=one.cell, pbc=one.pbc, calculator=calculator)
        found.append(of.get_potential_energy())
    label = atoms.energy
    off = (np.array(found) - label) - np.mean(np.array(found) - label)
    return f"{path.name.split('.')[0]}: {1000 * np.sqrt(np.mean(off**2)):.2f} meV of {1000 * np.ptp(label):.0f} meV"


def trained(path: Path, preset: str, known: PublishedErrors | None) -> Measured:
    """The error of forces on frames that were held out."""
    from isinglass import approximate
    from isinglass.data.atoms import read_atoms

    atoms, test = read_atoms(path), partner(path)
    isolated = sorted(path.parent.glob(f"{path.name.partition('_train')[0]}_isolated*"))
    settings = dict(known.settings if known else CRYSTAL)
    settings["epochs"] = max(2, round(settings["epochs"] * EPOCHS[preset]))
    others = {"test": read_atoms(test)} if test else {}
    others |= {"isolated": read_atoms(isolated[0], need_forces=False)} if isolated else {}
    found = approximate(0, atoms, progress=False, **settings, **others)
    error = found.estimates[known.error if known else "forces_rmse"]
    rmse, mae = found.estimates["forces_rmse"], found.estimates["forces_mae"]
    said = [f"energy {found.estimates['energy_rmse'].value:.2f} meV/atom",
            f"forces {rmse.value:.1f}, mean absolute {mae.value:.1f} meV/Å", f"{found.seconds:.0f} s"]  # fmt: skip
    if "learning_exponent" in found.estimates:
        curve = zip(found.arrays["frames"].values, found.arrays["test_error"].values, strict=True)
        said.append("by frames " + ", ".join(f"{n}: {error:.1f}" for n, error in curve) + " meV/Å")
    scans = [one for one in path.parent.glob(f"{path.name.partition('_train')[0]}_test*") if not has_forces(one)]
    said += [along(found.models["potential"], one) for one in sorted(scans)]
    said += [check.law for check in found.checks if check.verdict != "pass"][:1]
    size = 1.0 if known else float(np.sqrt(np.nanmean(atoms.forces**2)))
    return Measured(error.value / size, (error.error or 0.0) / size, str(found.verdict), "; ".join(said))
