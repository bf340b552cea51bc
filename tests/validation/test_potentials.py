# SPDX-License-Identifier: Apache-2.0
"""Cases of potentials on files that the tests write: pairs of files, refusals, and what is judged."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from validation.case import Measured, judged

from validation import potentials


def frames(n, seed, *, forces=True):
    """Cu3 at random, by EMT."""
    rng, found = np.random.default_rng(seed), []
    for _ in range(n):
        atoms = Atoms("Cu3", 2.5 * np.eye(3) + rng.normal(0, 0.1, (3, 3)))
        atoms.calc = EMT()
        labels = {"energy": atoms.get_potential_energy()} | ({"forces": atoms.get_forces()} if forces else {})
        atoms.calc = SinglePointCalculator(atoms, **labels)
        found.append(atoms)
    return found


@pytest.fixture
def folder(tmp_path):
    """A set with its test frames, a scan of energies, and isolated atoms."""
    (tmp_path / "potentials").mkdir()
    write(tmp_path / "potentials" / "acac_train_300K.extxyz", frames(12, 0))
    write(tmp_path / "potentials" / "acac_test_MD_300K.extxyz", frames(4, 1))
    write(tmp_path / "potentials" / "acac_test_dihedral.extxyz", frames(3, 2, forces=False))
    return tmp_path


def test_training_files_meet_their_test_frames_and_energies_alone_are_refused(folder):
    """12 meV/Å and above: open or wrong; a file of energies that is read without a word would be wrong."""
    trained, scan = sorted(potentials.cases([folder]), key=lambda case: case.expected is None)
    assert trained.file.name == "acac_train_300K.extxyz"
    assert potentials.partner(trained.file).name == "acac_test_MD_300K.extxyz"
    assert [judged(trained, Measured(v, 0.1, "pass")) for v in (3.0, 11.9, 14.0)] == ["right", "right", "wrong"]
    assert judged(trained, Measured(14.0, 0.1, "unknown")) == "open"
    found = scan.measure(scan.file, "smoke")
    assert judged(scan, found) == "right"
    assert "forces" in found.said
    assert judged(scan, Measured(0.0, None, "pass")) == "wrong"


@pytest.mark.slow
def test_a_set_is_trained_by_the_verb_of_users(folder):
    """Two epochs: an error above the published one, and no `pass`."""
    trained = next(case for case in potentials.cases([folder]) if case.expected is not None)
    found = trained.measure(trained.file, "smoke")
    assert found.value > 12
    assert judged(trained, found) == "open"
