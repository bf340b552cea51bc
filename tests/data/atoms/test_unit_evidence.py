# SPDX-License-Identifier: Apache-2.0
"""Files in other units are refused with the evidence; those in eV and Å are taken, whatever the origin of energies."""

import numpy as np
import pytest
from ase import Atoms, units
from ase.build import molecule
from ase.calculators.lj import LennardJones
from tests.data.atoms.frames import copper, refused, relabelled, water, write

from isinglass.data.atoms.atoms_file import read_atoms
from isinglass.data.atoms.unit_evidence import force_slope

HARTREE, BOHR, KCAL, KJ = units.Hartree, units.Bohr, units.kcal / units.mol, units.kJ / units.mol
SETS = {"crystal": copper(12, size=0.05), "molecule": water(12, size=0.03)}


@pytest.mark.parametrize("shift", [0.0, -3000.0, 50.0])
@pytest.mark.parametrize("name", SETS)
def test_files_in_ev_and_angstrom_are_taken(name, shift, tmp_path):
    """The slope of changes of energy against forces is 1; frames within 0.1 Å."""
    atoms = read_atoms(write(tmp_path / "a.xyz", relabelled(SETS[name], shift=shift)))
    slope, correlation, pairs = force_slope(atoms)
    assert abs(slope - 1) < 0.05
    assert correlation > 0.99
    assert pairs == 12
    assert not atoms.notes


@pytest.mark.parametrize(
    ("scale", "said"),
    [
        ((1 / HARTREE, BOHR / HARTREE, 1 / BOHR), "as in bohr"),
        ((1.0, 10.0, 0.1), "as in nm"),
        ((1.0, 0.01, 100.0), "no bond"),
        ((1.0, BOHR / HARTREE, 1.0), "forces in hartree/bohr and energies in eV"),
        ((1 / HARTREE, 1.0, 1.0), "energies in hartree and forces in eV/Å"),
        ((1 / HARTREE, BOHR / HARTREE, 1.0), "energies in hartree, forces in hartree/bohr and positions in Å"),
        ((1 / KCAL, 1.0, 1.0), "energies in kcal/mol and forces in eV/Å"),
        ((1 / KJ, 1.0, 1.0), "energies in kJ/mol and forces in eV/Å"),
        ((1.0, 1 / KCAL, 1.0), "forces in kcal/mol/Å and energies in eV"),
        ((1.0, 1 / KJ, 1.0), "forces in kJ/mol/Å and energies in eV"),
        ((1.0, -1.0, 1.0), "forces with the other sign"),
        ((0.25, 1.0, 1.0), "energies per atom"),
        ((2 / HARTREE, 1.0, 1.0), "energies in rydberg and forces in eV/Å"),
        ((1.0, 2 * BOHR / HARTREE, 1.0), "energies in eV and forces in rydberg/bohr"),
        ((0.0, 1.0, 1.0), "changes of the energy 0 times .*energies that are all one"),
        ((1.0, 0.0, 1.0), "changes of the energy inf times .*forces that are all zero"),
        ((7.0, 1.0, 1.0), "changes of the energy 6.87 times those by the forces .12 pairs of near frames"),
    ],
)
def test_other_units_are_refused_with_the_evidence(scale, said, tmp_path):
    path = write(tmp_path / "a.xyz", relabelled(SETS["crystal"], scale=scale))
    refused(path, f"eV and Å in a.xyz; found .*{said}.*units=.stated.")
    if scale[2] != 0.1:  # where atoms overlap
        assert len(read_atoms(path, units="stated")) == 12


@pytest.mark.parametrize(
    ("unit", "size"), [("hartree", HARTREE), ("rydberg", HARTREE / 2), ("kcal/mol", KCAL), ("kJ/mol", KJ)]
)
def test_energies_of_all_electrons_tell_their_unit(unit, size, tmp_path):
    """Ethanol by PBE, -4209.5 eV, as all-electron programs print it; in eV it is taken."""
    frame = molecule("CH3CH2OH")
    frame.info["energy"] = -4209.4657843064815 / size
    refused(write(tmp_path / "a.xyz", [frame]), f"as in {unit}", need_forces=False)
    frame.info["energy"] *= size
    assert read_atoms(write(tmp_path / "b.xyz", [frame]), need_forces=False).energy == -4209.4657843064815


def test_signs_of_forces_are_seen_in_noise(tmp_path):
    """Where the correlation is too weak for any other unit, 0.5 to 0.95."""
    frames = relabelled(water(40))
    noise = np.random.default_rng(0).normal(size=40) * 0.5 * np.std([frame.info["energy"] for frame in frames])
    for frame, some in zip(frames, noise, strict=True):
        frame.info["energy"] += some
    slope, correlation, pairs = force_slope(read_atoms(write(tmp_path / "a.xyz", frames)))
    assert slope > 0
    assert 0.5 < correlation < 0.95
    assert pairs == 40
    for frame in frames:
        frame.arrays["forces"] *= -1
    refused(write(tmp_path / "b.xyz", frames), "forces with the other sign")


def test_noble_gases_are_not_in_bohr(tmp_path):
    """Argon at 3.8 Å, 1.8 times the sum of the covalent radii; elements beyond argon have no tabulated energy."""
    frame = Atoms("Ar4", 3.8 * np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], float))
    frame.calc = LennardJones(sigma=3.4, epsilon=0.0104)
    assert len(read_atoms(write(tmp_path / "a.xyz", relabelled([frame])))) == 1


def test_hot_matter_in_bohr_is_seen(tmp_path):
    """Copper whose nearest atoms are at 1.6 times the sum of their radii; a stretched molecule of two is taken."""
    hot = relabelled(copper(6, size=0.12), scale=(1 / HARTREE, BOHR / HARTREE, 1 / BOHR))
    nearest = min(frame.get_all_distances(mic=True)[~np.eye(len(frame), dtype=bool)].min() for frame in hot)
    assert 1.5 < nearest / 2.64 < 1.7
    refused(write(tmp_path / "a.xyz", hot), "as in bohr")
    pair = Atoms("H2", [[0, 0, 0], [1.02, 0, 0]], info={"energy": -30.0})
    assert len(read_atoms(write(tmp_path / "b.xyz", [pair]), need_forces=False)) == 1


def test_one_atom_in_a_cell(tmp_path):
    """Of a crystal in bohr it is seen, in a large box nothing is."""
    frame = Atoms("Cu", cell=3.61 / 2 * (1 - np.eye(3)), pbc=True, info={"energy": -3.7})
    assert len(read_atoms(write(tmp_path / "a.xyz", [frame]), need_forces=False)) == 1
    frame.set_cell(frame.cell / BOHR)
    refused(write(tmp_path / "b.xyz", [frame]), "as in bohr", need_forces=False)
    frame.set_cell([12.0, 12.0, 12.0])
    assert len(read_atoms(write(tmp_path / "c.xyz", [frame]), need_forces=False)) == 1


def test_unusual_forces_are_told_and_taken(tmp_path):
    """Forces alone decide nothing: compressed matter has large ones."""
    notes = read_atoms(write(tmp_path / "a.xyz", relabelled(copper(1, size=0.15), scale=(1.0, 1 / KCAL, 1.0)))).notes
    assert any("eV/Å in root mean square" in note for note in notes)
