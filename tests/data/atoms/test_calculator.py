# SPDX-License-Identifier: Apache-2.0
"""The calculator of ASE: its conventions, its reuse of one program, and what it refuses."""

import equinox as eqx
import numpy as np
import pytest
from ase.build import bulk
from ase.calculators.lj import LennardJones

from isinglass.data.atoms.calculator import InteratomicCalculator
from isinglass.errors import InputError
from isinglass.systems.particle.interatomic import AbstractInteratomic
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber


def argon():
    atoms = bulk("Ar", "fcc", 5.2, cubic=True) * (2, 1, 1)
    atoms.rattle(0.1, seed=1)
    atoms.set_cell(atoms.cell.array + np.array([[0, 0.3, 0], [0, 0, 0.2], [0.1, 0, 0]]), scale_atoms=True)
    return atoms


def test_all_is_as_ases_own():
    ours, theirs = argon(), argon()
    ours.calc = InteratomicCalculator(PairLennardJones(epsilon=0.0103, sigma=3.4, cutoff=7.0, onset=6.0))
    theirs.calc = LennardJones(epsilon=0.0103, sigma=3.4, rc=7.0, ro=6.0, smooth=True)
    assert ours.get_potential_energy() == pytest.approx(theirs.get_potential_energy(), rel=1e-11)
    assert ours.get_potential_energy(force_consistent=True) == ours.get_potential_energy()
    assert np.allclose(ours.get_forces(), theirs.get_forces(), rtol=0, atol=1e-12)
    assert np.allclose(ours.get_stress(), theirs.get_stress(), rtol=0, atol=1e-13)
    assert np.allclose(ours.get_potential_energies().sum(), ours.get_potential_energy())


class Counted(AbstractInteratomic):
    """A potential that tells how often it is traced."""

    inner: AbstractInteratomic
    cutoff: float
    numbers: tuple[int, ...] = eqx.field(static=True)
    traced: list = eqx.field(static=True)

    def atom_energies(self, r, neighbors, species):
        self.traced.append(1)
        return self.inner.atom_energies(r, neighbors, species)


def test_one_program_serves_while_sizes_stay():
    atoms, inner, traced = bulk("Si", cubic=True), StillingerWeber(), Traces()
    atoms.calc = InteratomicCalculator(Counted(inner, inner.cutoff, inner.numbers, traced))
    for seed in range(4):
        atoms.rattle(0.01, seed=seed)
        atoms.get_forces()
    assert len(traced) == 1
    atoms.set_cell(0.85 * atoms.cell.array, scale_atoms=True)  # more neighbors than there is room for
    atoms.get_forces()
    assert len(traced) == 2


class Traces(list):
    """A list that stands for itself among static fields."""

    __hash__ = object.__hash__  # pyright: ignore
    __eq__ = object.__eq__


def test_a_molecule_has_no_stress():
    atoms = bulk("Si", cubic=True)
    atoms.pbc = False
    atoms.calc = InteratomicCalculator(StillingerWeber())
    atoms.get_forces()
    assert "stress" not in atoms.calc.results


def test_single_precision():
    atoms, single = bulk("Si", cubic=True), bulk("Si", cubic=True)
    atoms.calc, single.calc = (
        InteratomicCalculator(StillingerWeber()),
        InteratomicCalculator(StillingerWeber(), precision="single"),
    )
    assert single.get_potential_energy() == pytest.approx(atoms.get_potential_energy(), rel=1e-6)


def overlapping():
    atoms = bulk("Si", cubic=True)
    atoms.positions[1] = atoms.positions[0] + 0.1
    return atoms


@pytest.mark.parametrize("atoms", [bulk("Ge"), overlapping()], ids=["unknown element", "overlap"])
def test_what_no_potential_takes_is_refused(atoms):
    atoms.calc = InteratomicCalculator(StillingerWeber())
    with pytest.raises(InputError):
        atoms.get_potential_energy()


def test_a_wrong_precision_is_refused():
    with pytest.raises(InputError):
        InteratomicCalculator(StillingerWeber(), precision="half")  # pyright: ignore
