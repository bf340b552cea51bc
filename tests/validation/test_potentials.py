# SPDX-License-Identifier: Apache-2.0
"""Cases of potentials on files that the tests write: pairs of files, refusals, and what is judged."""

import numpy as np
import pytest
from ase import Atoms
from ase.calculators.emt import EMT
from ase.calculators.singlepoint import SinglePointCalculator
from ase.io import write
from validation.case import Measured, judged

from validation import potentials, second_derivatives


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


@pytest.mark.slow
def test_scans_of_energies_are_told_beside_their_range(folder):
    """Three frames, whose energies are read without forces for that."""
    trained = next(case for case in potentials.cases([folder]) if case.expected is not None)
    assert "acac_test_dihedral: " in trained.measure(trained.file, "smoke").said


def test_frames_around_a_configuration_are_those_of_second_order():
    """E = x·Kx/2 of a random K is its own second order: E, F at every frame."""
    rng = np.random.default_rng(0)
    A = rng.normal(size=(6, 6))
    K, x = A @ A.T, rng.normal(size=(3, 2, 3))
    E = lambda x: 0.5 * np.einsum("mi,ij,mj->m", x.reshape(-1, 6), K, x.reshape(-1, 6))  # noqa: E731
    given = {"positions": x, "energy": E(x), "forces": -(x.reshape(3, 6) @ K).reshape(x.shape),
             "hessian": np.stack([K] * 3), "atomic_numbers": np.array([1, 8])}  # fmt: skip
    found = second_derivatives.near(rng, given, 5, with_itself=True)
    moved = found.positions.reshape(15, 6)
    np.testing.assert_array_equal(moved[::5], x.reshape(3, 6))
    assert 0.01 < np.abs(moved - np.repeat(x.reshape(3, 6), 5, axis=0)).max() < 0.2
    np.testing.assert_allclose(found.energy, E(moved), rtol=1e-12)
    np.testing.assert_allclose(found.forces.reshape(15, 6), -moved @ K, rtol=1e-9)


@pytest.mark.slow
def test_a_potential_of_two_epochs_has_other_second_derivatives(tmp_path):
    """Cu3 by EMT, Hessians by differences: off by more than 5 %, and not right."""
    (tmp_path / "potentials").mkdir()
    rng, x, E, F, H = np.random.default_rng(0), [], [], [], []
    for _ in range(2):
        atoms = Atoms("Cu3", 2.5 * np.eye(3) + rng.normal(0, 0.1, (3, 3)))
        atoms.calc = EMT()
        x.append(atoms.positions.copy())
        E.append(atoms.get_potential_energy())
        F.append(atoms.get_forces())
        columns = []
        for k in range(9):
            at = []
            for sign in (1, -1):
                atoms.positions = x[-1] + sign * 1e-4 * np.eye(9)[k].reshape(3, 3)
                at.append(atoms.get_forces().ravel())
            columns.append((at[1] - at[0]) / 2e-4)
        H.append(np.array(columns))
    path = tmp_path / "potentials" / "hessian_Cu3.npz"
    np.savez(path, positions=x, energy=E, forces=F, hessian=H, atomic_numbers=[29] * 3)
    (case,) = second_derivatives.cases([tmp_path])
    found = case.measure(path, "smoke")
    assert found.value > 0.05
    assert judged(case, found) == "open"
