# SPDX-License-Identifier: Apache-2.0
"""Small models that mace-torch saved, with its energies, forces and stresses: benchmarks/peers/mace_reference.py."""

import tarfile
from pathlib import Path

import numpy as np

from isinglass.systems.particle.evaluation import evaluate
from isinglass.systems.particle.structure import AtomicStructure

STORE = Path(__file__).parent / "mace_torch.tar.xz"
VOIGT = ((0, 1, 2, 1, 0, 0), (0, 1, 2, 2, 2, 1))


def unpacked(folder: Path) -> Path:
    """The folder, with NAME.model and NAME.npz in it."""
    with tarfile.open(STORE) as store:
        store.extractall(folder, filter="data")
    return folder


def structure(told, k: int) -> AtomicStructure:
    """Structure k: 0 a molecule, 1 a triclinic crystal, 2 one atom among its images."""
    x, z, cell, pbc = (told[f"{name}_{k}"] for name in ("positions", "numbers", "cell", "pbc"))
    return AtomicStructure(x, z, cell, pbc, np.ones(len(z)))


def differences(potential, told, k: int) -> dict[str, float]:
    """Largest differences: eV of all atoms, eV/Å, eV/Å³ (0 in the open)."""
    found = evaluate(potential, structure(told, k))
    stress = np.abs(found.stress[VOIGT] - told[f"stress_{k}"]).max() if told[f"pbc_{k}"].all() else 0.0
    return {"energy": abs(found.energy - float(told[f"energy_{k}"])),
            "forces": float(np.abs(found.forces - told[f"forces_{k}"]).max()), "stress": float(stress)}  # fmt: skip
