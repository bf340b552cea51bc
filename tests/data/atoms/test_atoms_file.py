# SPDX-License-Identifier: Apache-2.0
"""Labelled atoms as their writer knew them, in every format; no label, no training; what is unsound is one line."""

import builtins

import numpy as np
import pytest
from ase import Atoms
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from tests.data.atoms.frames import copper, labelled, refused, relabelled, water, write

from isinglass.data.atoms.atoms_file import read_atoms
from isinglass.data.atoms.label_keys import LabelKeys

MIXED = [*copper(3), *water(2)]


@pytest.mark.parametrize("name", ["a.extxyz", "a.xyz", "a.xyz.gz", "a.extxyz.gz", "a.traj", "a.db", "with@1.xyz"])
def test_every_format_is_read_as_it_was_written(name, tmp_path):
    atoms = read_atoms(write(tmp_path / name, MIXED))
    assert len(atoms) == 5
    assert atoms.n_atoms.tolist() == [4, 4, 4, 3, 3]
    for k, frame in enumerate(MIXED):
        x, numbers, cell, pbc, energy, forces, _ = atoms.frame(k)
        np.testing.assert_array_equal(numbers, frame.numbers)
        np.testing.assert_allclose(x, frame.positions, atol=1e-7)
        np.testing.assert_allclose(cell, frame.cell.array, atol=1e-7)
        np.testing.assert_array_equal(pbc, frame.pbc)
        assert energy == pytest.approx(frame.get_potential_energy(), abs=1e-7)
        np.testing.assert_allclose(forces, frame.get_forces(), atol=1e-7)
    assert atoms.keys == {"energy": "energy", "forces": "forces"}
    assert atoms.has_forces.all()
    assert atoms.elements.tolist() == [1, 8, 29]
    assert atoms.composition.tolist() == [[0, 0, 4]] * 3 + [[2, 1, 0]] * 2
    assert any("2 frames are not periodic, 3 are" in note for note in atoms.notes)


@pytest.mark.parametrize(
    ("energy", "forces"),
    [("energy", "force"), ("REF_energy", "REF_forces"), ("dft_energy", "dft_force"), ("TotEnergy", "forces")],
)
def test_usual_names_are_found_and_said(energy, forces, tmp_path):
    frames = copper(2)
    if energy == "TotEnergy":
        refused(write(tmp_path / "a.xyz", relabelled(frames, energy=energy)), "`TotEnergy`.*energy_key='NAME'")
        keys = LabelKeys(energy_key=energy)
    else:
        keys = None
    atoms = read_atoms(write(tmp_path / "a.xyz", relabelled(frames, energy=energy, forces=forces)), keys)
    np.testing.assert_allclose(atoms.energy, [f.get_potential_energy() for f in frames])
    np.testing.assert_allclose(atoms.forces[:4], frames[0].get_forces(), atol=1e-7)
    assert (atoms.keys["energy"], atoms.keys["forces"]) == (energy, forces)
    assert ("forces: read from `force`" in atoms.notes) == (forces == "force")


def test_two_energies_are_not_chosen_between(tmp_path):
    """The energy of a calculator beside the reference; the same values under two names are no question."""
    frames = relabelled(copper(3), energy="REF_energy")
    for frame in frames:
        frame.info["energy"] = frame.info["REF_energy"]
    assert read_atoms(write(tmp_path / "same.xyz", frames)).keys["energy"] == "energy"
    frames[2].info["energy"] += 0.5
    path = write(tmp_path / "a.xyz", frames)
    refused(path, "`energy` and `REF_energy`, which are not equal in frame 2; say energy_key='REF_energy'")
    atoms = read_atoms(path, LabelKeys(energy_key="REF_energy"))
    np.testing.assert_allclose(atoms.energy[2], frames[2].info["REF_energy"])


def test_nothing_is_trained_on_without_labels(tmp_path):
    """The sentence names the keys that are there."""
    frames = copper(3)
    refused(write(tmp_path / "bare.xyz", [Atoms("Cu")]), "energies in bare.xyz; found the keys - none")
    alone = write(tmp_path / "alone.xyz", relabelled(frames, energy="energy", forces=None))
    refused(alone, "forces to train on in alone.xyz; found `energy` alone.*give a file with forces")
    assert not read_atoms(alone, need_forces=False).has_forces.any()
    other = write(tmp_path / "other.xyz", relabelled(frames, forces="pull"))
    refused(other, "`energy` alone, among `energy`, `pull`; say forces_key='pull', if these are forces")
    assert read_atoms(other, LabelKeys(forces_key="pull")).has_forces.all()
    refused(other, "the key `push` in other.xyz; found `energy`, `pull`", LabelKeys(forces_key="push"))
    refused(other, "numbers of shape.*say energy_key", LabelKeys(energy_key="pull", forces_key="pull"))
    for frame in (narrow := relabelled(frames, forces=None)):
        frame.arrays["forces"] = np.zeros((4, 2))
    refused(write(tmp_path / "narrow.xyz", narrow), "`energy` alone, among `energy`, `forces`; give a file")
    refused([], "a file of labelled atoms")
    isolated = [Atoms("Cu", info={"energy": 0.1})]
    isolated[0].arrays["forces"] = np.zeros((1, 3))
    refused(write(tmp_path / "single.xyz", isolated), "forces to train on")


def test_frames_without_a_label(tmp_path):
    """Of the energy: refused with the frame; of forces: left out and said."""
    frames = relabelled(copper(4))
    del frames[2].arrays["forces"]
    atoms = read_atoms(write(tmp_path / "a.xyz", frames))
    assert atoms.has_forces.tolist() == [True, True, False, True]
    assert "1 of 4 frames have no forces" in atoms.notes
    del frames[1].info["energy"]
    refused(write(tmp_path / "b.xyz", frames), "no `energy` in 1 of 4 frames, the first of them frame 1")


@pytest.mark.parametrize("label", ["energy", "forces", "positions", "config_weight"])
def test_labels_that_are_no_numbers_are_refused(label, tmp_path):
    frames = relabelled(copper(3))
    frames[1].info["config_weight"] = 1.0
    held = frames[1].info if label in frames[1].info else frames[1].arrays
    held[label] = held[label] * np.nan
    refused(write(tmp_path / "a.xyz", frames), f"finite `?{label}`? in .*a.xyz; found NaN or infinity")


def test_weights_and_groups(tmp_path):
    frames = relabelled(copper(3))
    frames[0].info |= {"config_weight": 2.5, "config_type": "bulk"}
    frames[1].info["config_weight"] = 0
    atoms = read_atoms(write(tmp_path / "a.xyz", frames))
    assert atoms.weight.tolist() == [2.5, 0.0, 1.0]
    assert atoms.group == ("bulk", "", "")
    frames[1].info["config_weight"] = -1.0
    refused(write(tmp_path / "b.xyz", frames), "weights of 0 or more.*-1 to 2.5")


def test_a_database_keeps_labels_beside_its_calculator(tmp_path):
    frame = copper(1)[0]
    bare = relabelled([frame], energy=None, forces=None)[0]
    with connect(tmp_path / "a.db") as rows:
        rows.write(bare, key_value_pairs={"dft_energy": -1.5}, data={"dft_forces": frame.get_forces()})
    atoms = read_atoms(tmp_path / "a.db")
    assert atoms.keys == {"energy": "dft_energy", "forces": "dft_forces"}
    assert atoms.energy.tolist() == [-1.5]


def test_the_free_energy_is_told(tmp_path):
    frames = relabelled(copper(2), energy=None, forces=None)
    for frame, F in zip(frames, copper(2), strict=True):
        results = {"energy": -1.0, "free_energy": -1.25, "forces": F.get_forces()}
        frame.calc = SinglePointCalculator(frame, **results)
    path = write(tmp_path / "a.traj", frames)
    assert any("`free_energy` differs from `energy` by up to 0.25 eV" in note for note in read_atoms(path).notes)
    assert read_atoms(path, LabelKeys(energy_key="free_energy")).energy.tolist() == [-1.25, -1.25]


def test_several_files(tmp_path):
    """Each with its own keys; frames picked out keep theirs."""
    a = write(tmp_path / "a.xyz", relabelled(copper(2)))
    b = write(tmp_path / "b.xyz", relabelled(water(3), energy="REF_energy", forces="force"))
    atoms = read_atoms([a, b])
    assert atoms.keys == {"energy": "energy, REF_energy", "forces": "forces, force"}
    assert atoms.n_atoms.tolist() == [4, 4, 3, 3, 3]
    assert any(note.startswith("b.xyz: forces: read from") for note in atoms.notes)
    some = atoms.kept(np.array([3, 0]))
    assert some.n_atoms.tolist() == [3, 4]
    for k, old in enumerate((3, 0)):
        for new, kept in zip(some.frame(k), atoms.frame(old), strict=True):
            np.testing.assert_array_equal(new, kept)


def test_net_forces_and_slabs_are_told(tmp_path):
    frames = relabelled(copper(3))
    frames[1].arrays["forces"][2, 0] += 0.3
    frames[2].pbc = [True, True, False]
    notes = read_atoms(write(tmp_path / "a.xyz", frames)).notes
    assert "forces of frame 1 sum to 0.3 eV/Å, the largest net force; it should be 0" in notes
    assert "1 frames are periodic in 2 of three directions (slabs)" in notes
    assert not read_atoms(write(tmp_path / "b.xyz", relabelled(copper(3)))).notes


def test_unsound_frames_are_refused(tmp_path):
    frames = relabelled(copper(3))
    frames[1].positions[3] = frames[1].positions[0] + [frames[1].cell[0, 0] - 0.2, 0.0, 0.0]  # over the boundary
    refused(write(tmp_path / "near.xyz", frames), "atoms 0 and 3 of frame 1 0.2 Å apart|atoms 3 and 0 of frame 1 0.2 Å")
    frames = relabelled(copper(2))
    frames[1].cell[:] = 0
    for cell in (frames[1].cell.array, np.array([[3.0, 0, 0], [0, 3.0, 0], [3.0, 3.0, 0]])):
        frames[1].set_cell(cell)
        refused(
            write(tmp_path / "flat.xyz", frames),
            "a cell in flat.xyz; found periodic directions without one in frame 1",
        )
    frames[1].set_cell(np.full((3, 3), np.nan))
    refused(write(tmp_path / "nan.xyz", frames), "a cell in nan.xyz")
    frames = relabelled(copper(2))
    frames[0].numbers[1] = 0
    refused(write(tmp_path / "x.xyz", frames), "an atom of none, X, in frame 0")


def test_forces_of_single_atoms_are_none(tmp_path):
    """The primitive cells of a crystal: what is wrong is not the name of the forces."""
    frames = [labelled(bulk("Cu", a=a)) for a in (3.5, 3.6, 3.7)]
    refused(write(tmp_path / "a.xyz", relabelled(frames)), "frames of one atom, whose force is zero; repeat the cells")


def test_files_that_hold_no_atoms(tmp_path):
    refused(tmp_path / "gone.xyz", "a file at .*found nothing")
    refused(tmp_path, "found a folder")
    for name, text in (("a.xyz", "4\nenergy=1\nCu 0 0\n"), ("b.xyz", ""), ("c.csv", "a,b\n1,2\n"), ("d.traj", "zzzz")):
        (tmp_path / name).write_text(text)
        refused(tmp_path / name, f"{name}; found")


def test_without_ase_it_says_what_to_install(tmp_path, monkeypatch):
    path, real = write(tmp_path / "a.xyz", copper(1)), builtins.__import__

    def absent(name, *rest, **more):
        if name.split(".")[0] == "ase":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    refused(path, r"install it: pip install 'isinglass\[atoms\]'")
