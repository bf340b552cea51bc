# SPDX-License-Identifier: Apache-2.0
"""Energies of the elements: of isolated atoms as they are stored, by least squares where compositions fix them."""

import numpy as np
import pytest
from ase import Atoms
from tests.data.atoms.frames import labelled, relabelled, water, write

from isinglass.data.atoms.atoms_file import read_atoms
from isinglass.data.atoms.reference_energy import least_squares_energies, reference_energies
from isinglass.errors import InputError

ALONE = [labelled(Atoms(symbol)) for symbol in "OH"]


def read(tmp_path, frames, name="a.xyz"):
    """Frames written and read, energies alone."""
    return read_atoms(write(tmp_path / name, relabelled(frames, forces=None)), need_forces=False)


def test_isolated_atoms_give_their_energies(tmp_path):
    """In another order than that of the elements, beside the frames or among them, in a large box too."""
    frames, isolated = read(tmp_path, water(4)), read(tmp_path, ALONE, "atoms.xyz")
    boxed = relabelled(ALONE, forces=None)
    for atom in boxed:
        atom.set_cell([9.0, 9.0, 9.0])
        atom.pbc = True
    boxed = read_atoms(write(tmp_path / "boxed.xyz", boxed), need_forces=False)
    together = reference_energies(read(tmp_path, [*ALONE, *water(4)]))
    for found in (reference_energies(frames, isolated), together, reference_energies(frames, boxed)):
        assert found.numbers.tolist() == [1, 8]
        oxygen, hydrogen = (frame.get_potential_energy() for frame in ALONE)
        np.testing.assert_allclose(found.energy, [hydrogen, oxygen], atol=1e-6)
        np.testing.assert_allclose(found.of(frames), np.full(4, 2 * hydrogen + oxygen), atol=1e-6)
        assert found.origin.startswith("isolated atoms")


def test_least_squares_finds_what_was_planted(tmp_path):
    """E = Σ E0 exactly, of three compositions; isolated atoms of one element alone are not enough."""
    frames = [Atoms("H2", [[0, 0, 0], [0, 0, 0.8]]), Atoms("H2O", [[0, 0, 1], [0, 1, 0], [0, 0, 0]]), Atoms("H")]
    for frame in frames:
        frame.info["energy"] = -13.0 * np.sum(frame.numbers == 1) - 20.0 * np.sum(frame.numbers == 8)
    found = reference_energies(read_atoms(write(tmp_path / "a.xyz", frames), need_forces=False))
    assert found.origin == "least squares"
    np.testing.assert_allclose(found.energy, [-13.0, -20.0])
    assert not found.notes


def test_one_composition_leaves_energies_open_and_says_so(tmp_path):
    """The shortest solution: E0_H : E0_O = 2 : 1; shifted by a constant an atom, frames keep their residuals."""
    frames = read(tmp_path, water(5))
    found = least_squares_energies(frames)
    assert "1 independent compositions do not fix the energies of 2 elements, H, O" in found.notes[0]
    np.testing.assert_allclose(found.energy, np.mean(frames.energy) * np.array([2, 1]) / 5)
    shifted = read_atoms(write(tmp_path / "b.xyz", relabelled(water(5), forces=None, shift=30.0)), need_forces=False)
    residual = [a.energy - least_squares_energies(a).of(a) for a in (frames, shifted)]
    np.testing.assert_allclose(*residual, atol=1e-6)


@pytest.mark.parametrize(
    ("isolated", "said"),
    [
        (ALONE[:1], "a reference energy of each element of a.xyz; found none of H"),
        ([*ALONE, labelled(Atoms("H2", [[0, 0, 0], [0, 0, 1]]))], "one isolated atom in .*found 2 atoms"),
        (
            [*ALONE, labelled(Atoms("H", cell=[9, 9, 7], pbc=True))],
            "found 1 atoms, or a periodic one",
        ),
        ([*ALONE, Atoms("H", info={"energy": -7.0})], "one energy of each element.*of H"),
        ([Atoms(s, info={"energy": -500.0}) for s in "HO"], "a binding energy of -20 to 1 eV.*found [45]"),
    ],
)
def test_references_that_do_not_fit_are_one_line(isolated, said, tmp_path):
    bare = [f if f.calc is None else relabelled([f], forces=None)[0] for f in isolated]
    atoms = read_atoms(write(tmp_path / "atoms.xyz", bare), need_forces=False)
    with pytest.raises(InputError, match=said) as error:
        reference_energies(read(tmp_path, water(2)), atoms)
    assert "\n" not in str(error.value)
