# SPDX-License-Identifier: Apache-2.0
"""Hydrogen as in the textbook, water as by PySCF in its own units; derivatives; what fails is counted or refused."""

import sys

import ase
import numpy as np
import pytest
from ase.build import molecule
from ase.calculators.calculator import CalculationFailed
from ase.units import Bohr, Hartree

from isinglass.data.atoms.calculator_labels import calculated
from isinglass.errors import InputError

pyscf = pytest.importorskip("pyscf")
from isinglass.data.atoms.electronic_calculator import ElectronicCalculator, load_pyscf  # noqa: E402


def hydrogen(r: float) -> ase.Atoms:
    """H2 at a distance in bohr."""
    return ase.Atoms("H2", [[0, 0, 0], [0, 0, r * Bohr]])


def test_hydrogen_of_szabo_and_ostlund():
    """-1.1167 hartree at 1.4 bohr, minimum at 1.346 bohr: Modern Quantum Chemistry, tables 3.11 and 3.12."""
    calculator = ElectronicCalculator()
    frame = hydrogen(1.4)
    frame.calc = calculator
    assert frame.get_potential_energy() / Hartree == pytest.approx(-1.1167, abs=1e-4)
    pull = [calculator.get_forces(hydrogen(r))[1, 2] for r in (1.336, 1.356)]
    assert pull[0] > 0 > pull[1]


def test_forces_are_the_derivative_of_the_energy():
    """Central differences of fourth order, 0.01 Å: to 5e-6 eV/Å."""
    frame, h, calculator = molecule("H2O"), 0.01, ElectronicCalculator()
    frame.rattle(0.05, seed=1)
    forces = calculator.get_forces(frame)
    for i, a in ((0, 2), (1, 1)):

        def energy(t, i=i, a=a):
            moved = frame.copy()
            moved.positions[i, a] += t
            return calculator.get_potential_energy(moved)

        slope = (8 * (energy(h) - energy(-h)) - energy(2 * h) + energy(-2 * h)) / (12 * h)
        assert forces[i, a] == pytest.approx(-slope, abs=5e-6)


def test_functionals_and_ions_are_those_of_pyscf():
    """LDA of the hydroxyl ion, in PySCF's own units."""
    frame = ase.Atoms("OH", [[0, 0, 0], [0, 0, 1.8 * Bohr]])
    found = ElectronicCalculator("lda,vwn", "6-31g", charge=-1).get_potential_energy(frame)
    own = pyscf.gto.M(atom="O 0 0 0; H 0 0 1.8", unit="Bohr", basis="6-31g", charge=-1, verbose=0)
    assert found / Hartree == pytest.approx(pyscf.dft.RKS(own, xc="lda,vwn").kernel(), abs=1e-7)


def test_the_hessian_is_the_derivative_of_the_forces():
    calculator, frame, h = ElectronicCalculator(), hydrogen(1.4), 1e-3
    up, down = frame.copy(), frame.copy()
    up.positions[1, 2] += h
    down.positions[1, 2] -= h
    slope = -(calculator.get_forces(up) - calculator.get_forces(down)) / (2 * h)
    assert calculator.hessian(frame)[:, :, 1, 2] == pytest.approx(slope, abs=1e-3)


def test_water_vibrates_as_published():
    """2170, 4140, 4391 cm⁻¹ by HF/STO-3G: NIST's CCCBDB, doi:10.18434/T47C7Z; to 0.5 %."""
    from ase.optimize import BFGS

    from isinglass.experiments.atoms.molecule_pyscf import frequencies

    water = molecule("H2O")
    water.calc = ElectronicCalculator()
    BFGS(water, logfile=None).run(fmax=1e-3)
    found = frequencies(water.calc.hessian(water), water.get_masses()) * 33.35641
    assert found[-3:] == pytest.approx([2170, 4140, 4391], rel=5e-3)


def test_frames_without_a_self_consistent_field_are_counted():
    calculator, water = ElectronicCalculator(cycles=3), molecule("H2O")
    with pytest.raises(CalculationFailed, match="3 cycles"):
        calculator.get_forces(water)
    labelled = calculated([hydrogen(1.4), water, hydrogen(1.5)], calculator)
    assert len(labelled) == 2
    assert labelled.notes == ("1 of 3 frames are left out: no self-consistent field in 3 cycles",)
    with pytest.raises(InputError, match="frames that ElectronicCalculator can do"):
        calculated([water], calculator)


def test_crystals_are_refused_and_a_missing_extra_named(monkeypatch):
    with pytest.raises(InputError, match="in the open"):
        ElectronicCalculator().get_potential_energy(ase.Atoms("He", pbc=True, cell=np.eye(3) * 5))
    monkeypatch.setitem(sys.modules, "pyscf", None)
    with pytest.raises(InputError, match="isinglass\\[chemistry\\]"):
        load_pyscf()
