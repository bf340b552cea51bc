# SPDX-License-Identifier: Apache-2.0
"""Stresses in every unit, sign and order come out as dE/dε / V by differences; what is not said is not read."""

import numpy as np
import pytest
from ase import units
from ase.calculators.emt import EMT
from tests.data.atoms.frames import copper, labelled, refused, relabelled, write

from isinglass.data.atoms.atoms_file import read_atoms
from isinglass.data.atoms.label_keys import LabelKeys
from isinglass.data.atoms.stress_evidence import stress_slope

FRAMES = copper(2, size=0.1)
KBAR = units.GPa / 10


def strained_energy(frame, strain) -> float:
    """E of the frame with positions and cell multiplied by 1 + ε."""
    moved = frame.copy()
    moved.set_cell(frame.cell.array @ (np.eye(3) + strain), scale_atoms=True)
    moved.calc = EMT()
    return moved.get_potential_energy()


def by_differences(frame, h: float = 1e-5) -> np.ndarray:
    """dE/dε / V, symmetric strains."""
    sigma = np.zeros((3, 3))
    for a in range(3):
        for b in range(3):
            e = np.zeros((3, 3))
            e[a, b] += h / 2
            e[b, a] += h / 2
            sigma[a, b] = (strained_energy(frame, e) - strained_energy(frame, -e)) / (2 * h) / frame.get_volume()
    return sigma


def tensor(frame) -> np.ndarray:
    """ASE's stress, 3 x 3."""
    return frame.get_stress(voigt=False)


STORED = {  # key, what is stored, what is said
    "ase": ("stress", lambda f: f.get_stress(), {"stress_unit": "eV/A^3", "stress_sign": "tension"}),
    "tensor": ("stress", tensor, {"stress_unit": "eV/A^3", "stress_sign": "tension"}),
    "GPa": ("REF_stress", lambda f: tensor(f) / units.GPa, {"stress_unit": "GPa", "stress_sign": "tension"}),
    "nine": ("dft_stress", lambda f: tensor(f).ravel() / units.GPa, {"stress_unit": "GPa", "stress_sign": "tension"}),
    "bar": ("stress", lambda f: -tensor(f) / units.bar, {"stress_unit": "bar", "stress_sign": "pressure"}),
    "vasp": (
        "in_kB",
        lambda f: -tensor(f)[[0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 2, 0]] / KBAR,
        {"stress_key": "in_kB", "stress_unit": "kbar", "stress_sign": "pressure", "stress_order": "vasp"},
    ),
    "voigt": (
        "own",
        lambda f: f.get_stress() / KBAR,
        {"stress_key": "own", "stress_unit": "kbar", "stress_sign": "tension", "stress_order": "voigt"},
    ),
    "virial": ("virial", lambda f: -tensor(f) * f.get_volume(), {"virial_key": "virial"}),
}


def stored(key, value) -> list:
    """The frames with a stress under a key."""
    frames = relabelled(FRAMES)
    for bare, frame in zip(frames, FRAMES, strict=True):
        bare.info[key] = value(frame)
    return frames


@pytest.mark.parametrize("name", STORED)
def test_units_signs_and_orders(name, tmp_path):
    """Central differences with ε = 1e-5: 1e-6 of the stress."""
    key, value, said = STORED[name]
    atoms = read_atoms(write(tmp_path / "a.xyz", stored(key, value)), LabelKeys(**said))
    for k, frame in enumerate(FRAMES):
        expected = by_differences(frame)
        np.testing.assert_allclose(atoms.stress[k], expected, atol=2e-6 * np.abs(expected).max())
    assert atoms.keys["stress"] == key
    assert atoms.notes == ("unit and sign of the stress are as stated: too few strained frames confirm them",)


def test_what_is_not_said_is_not_read(tmp_path):
    """The file is read without, and a note says what to say."""
    for key in ("stress", "virial", "virial_stress_kB"):
        path = write(tmp_path / "a.xyz", stored(key, tensor))
        atoms = read_atoms(path)
        assert not atoms.has_stress.any()
        assert "stress" not in atoms.keys
        assert any(f"`{key}` is not read, its unit and sign are not said" in note for note in atoms.notes)
        refused(path, "unit and sign of", LabelKeys(stress_key=key))
        refused(path, "unit and sign of", LabelKeys(stress_key=key, stress_unit="GPa"))


def test_bad_stresses_are_one_line(tmp_path):
    said = {"stress_key": "own", "stress_unit": "GPa", "stress_sign": "tension"}
    six = write(tmp_path / "six.xyz", stored("own", lambda f: f.get_stress()))
    refused(six, "the order of six numbers in `own` of frame 0", LabelKeys(**said))
    skew = write(tmp_path / "skew.xyz", stored("own", lambda f: np.arange(9.0)))
    refused(skew, "a symmetric tensor", LabelKeys(**said))
    word = write(tmp_path / "word.xyz", stored("own", lambda f: "none"))
    refused(word, "six or nine finite numbers", LabelKeys(**said))
    refused(six, "the key `gone`", LabelKeys(**{**said, "stress_key": "gone"}))
    refused(six, "found settings of both", LabelKeys(**said, virial_key="own"))
    bare = write(tmp_path / "bare.xyz", relabelled(FRAMES))
    refused(bare, "stresses in bare.xyz", LabelKeys(stress_unit="GPa", stress_sign="tension"))


def sheared(n: int = 8) -> list:
    """Copper rattled by 0.001 Å, in cells strained by up to 0.01, shears among them; -σ in kbar, in VASP's order."""
    rng, whole = np.random.default_rng(0), copper(n, size=0.001)
    for frame in whole:
        frame.set_cell(frame.cell.array @ (np.eye(3) + 0.01 * rng.uniform(-1, 1, (3, 3))), scale_atoms=True)
        labelled(frame)
    frames = relabelled(whole)
    for bare, frame in zip(frames, whole, strict=True):
        bare.info["own"] = STORED["vasp"][1](frame)
    return frames


FITS = "stress_unit='kbar' and stress_sign='pressure', which fit"


@pytest.mark.parametrize(
    ("unit", "sign", "seen"),
    [
        ("kbar", "tension", "-1"),
        ("bar", "pressure", "1.*e.03"),
        ("GPa", "pressure", "0.1"),
        ("eV/A^3", "tension", "-0.0006"),
    ],
)
def test_a_unit_or_sign_that_does_not_fit_the_energies_is_refused(unit, sign, seen, tmp_path):
    """Stresses as VASP prints them, -σ in kbar, xx yy zz xy yz xz, said to be in other units."""
    path = write(tmp_path / "a.xyz", sheared())
    said = {"stress_key": "own", "stress_order": "vasp"}
    refused(
        path, f"changes of the energy {seen}.*8 pairs.*{FITS}", LabelKeys(**said, stress_unit=unit, stress_sign=sign)
    )
    atoms = read_atoms(path, LabelKeys(**said, stress_unit=unit, stress_sign=sign), units="stated")
    assert atoms.has_stress.all()
    atoms = read_atoms(path, LabelKeys(**said, stress_unit="kbar", stress_sign="pressure"))
    slope, correlation, pairs = stress_slope(atoms)
    assert abs(slope - 1) < 0.03
    assert correlation > 0.999
    assert pairs == 8
    assert "fit the energies" in atoms.notes[-1]


def test_another_order_is_not_confirmed(tmp_path):
    """Sheared cells alone tell: the correlation falls below 0.95."""
    keys = LabelKeys(stress_key="own", stress_unit="kbar", stress_sign="pressure", stress_order="voigt")
    assert "are not confirmed: correlation" in read_atoms(write(tmp_path / "a.xyz", sheared()), keys).notes[-1]


def test_slabs_have_no_stress(tmp_path):
    frames = stored("stress", tensor)
    frames[1].pbc = [True, True, False]
    said = LabelKeys(stress_unit="eV/A^3", stress_sign="tension")
    atoms = read_atoms(write(tmp_path / "a.xyz", frames), said)
    assert atoms.has_stress.tolist() == [True, False]
    assert any("`stress` is left out in 1 frames" in note for note in atoms.notes)
