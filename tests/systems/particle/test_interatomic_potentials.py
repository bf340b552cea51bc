# SPDX-License-Identifier: Apache-2.0
"""Classical potentials: the formulas of their papers, ASE's code, central differences, sums."""

import jax.numpy as jnp
import numpy as np
import pytest
from ase import Atoms
from ase.calculators.lj import LennardJones as AseLennardJones
from tests.systems.particle.silicon import diamond, paper_energy

from isinglass.errors import InputError
from isinglass.systems.particle.evaluation import PaddedSizes, evaluate
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber
from isinglass.systems.particle.potential.sum_of_potentials import SumOfPotentials
from isinglass.systems.particle.potential.zbl import ZBL
from isinglass.systems.particle.structure import AtomicStructure

SKEWED = np.array([[7.9, 0.3, 0.0], [1.1, 8.3, -0.7], [-0.4, 0.9, 8.8]])


def gas(seed=0, n=20, apart=2.0) -> AtomicStructure:
    """Atoms of two elements in a skewed cell, no two nearer than `apart`."""
    rng, x = np.random.default_rng(seed), np.zeros((0, 3))
    shifts = np.array([[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)]) @ SKEWED
    while len(x) < n:
        new = rng.uniform(size=3) @ SKEWED
        if len(x) == 0 or np.linalg.norm(x[:, None] + shifts[None] - new, axis=-1).min() > apart:
            x = np.concatenate([x, new[None]])
    numbers = np.where(np.arange(n) % 3 == 0, 18, 14)
    return AtomicStructure(x, numbers, SKEWED, np.ones(3, bool), np.full(n, 30.0))


POTENTIALS = {
    "lennard_jones": (PairLennardJones((14, 18), epsilon=(0.3, 0.1), sigma=(2.2, 2.6), cutoff=6.1), gas()),
    "stillinger_weber": (StillingerWeber(), diamond((2, 1, 1), rattle=0.25)),
    "zbl": (ZBL((14, 18), cutoff=3.0), gas(1, apart=1.2)),
    "zbl_by_radii": (ZBL((14, 18), cutoff=3.0, radii=(1.5, 1.1)), gas(1, apart=1.2)),
    "sum": (SumOfPotentials(PairLennardJones((18, 14), sigma=2.3), ZBL((14, 18), cutoff=2.6)), gas(2, apart=1.5)),
}


@pytest.mark.parametrize("name", POTENTIALS)
def test_forces_and_stress_are_central_differences(name):
    """To 1e-6 relative, in float64; one atom in each direction, and every strain."""
    potential, atoms = POTENTIALS[name]
    found, h = evaluate(potential, atoms), 1e-5
    scale = np.abs(found.forces).max()
    assert scale > 0.05
    sizes = PaddedSizes(3 * found.sizes.pairs, 3 * found.sizes.columns)
    energy = lambda x, cell: evaluate(potential, atoms._replace(positions=x, cell=cell), sizes).energy  # noqa: E731
    for k in range(3):
        step = np.zeros_like(atoms.positions)
        step[4, k] = h
        slope = (energy(atoms.positions + step, atoms.cell) - energy(atoms.positions - step, atoms.cell)) / (2 * h)
        assert abs(found.forces[4, k] + slope) < 1e-6 * scale
    for a, b in ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)):
        eta = np.zeros((3, 3))
        eta[a, b] += h / 2
        eta[b, a] += h / 2
        ends = [energy(atoms.positions @ F, atoms.cell @ F) for F in (np.eye(3) + eta, np.eye(3) - eta)]
        slope = (ends[0] - ends[1]) / (2 * h) / atoms.volume
        assert abs(found.stress[a, b] - slope) < 1e-6 * np.abs(found.stress).max()


@pytest.mark.parametrize("name", POTENTIALS)
def test_momentum_and_torque(name):
    """Forces sum to 0, and the virial is symmetric, as an energy has it that rotations leave alone."""
    potential, atoms = POTENTIALS[name]
    found = evaluate(potential, atoms)
    assert np.abs(found.forces.sum(axis=0)).max() < 1e-12 * np.abs(found.forces).sum()


@pytest.mark.parametrize(
    "atoms", [diamond(), diamond(rattle=0.3), diamond((2, 1, 1), 4.9, 0.1)], ids=["still", "rattled", "dense"]
)
def test_stillinger_weber_is_the_paper(atoms):
    assert evaluate(StillingerWeber(), atoms).energy == pytest.approx(paper_energy(atoms), rel=1e-12)


def test_stillinger_weber_has_its_cohesive_energy():
    """-2 epsilon = -4.3366 eV an atom at 5.431 Å."""
    found = evaluate(StillingerWeber(), diamond())
    assert found.energy / 8 == pytest.approx(-4.3366, abs=1e-4)
    assert np.abs(found.stress).max() < 1e-4


def test_lennard_jones_is_that_of_ase():
    """An independent code: energy, forces, stress, with the same smooth cutoff."""
    atoms = gas(3)._replace(numbers=np.full(20, 18))
    ours = evaluate(PairLennardJones(epsilon=0.02, sigma=2.4, cutoff=6.0, onset=4.5), atoms)
    theirs = Atoms("Ar20", positions=atoms.positions, cell=atoms.cell, pbc=True)
    theirs.calc = AseLennardJones(epsilon=0.02, sigma=2.4, rc=6.0, ro=4.5, smooth=True)
    assert ours.energy == pytest.approx(theirs.get_potential_energy(), rel=1e-11)
    assert np.allclose(ours.forces, theirs.get_forces(), rtol=0, atol=1e-11 * np.abs(ours.forces).max())
    assert np.allclose(ours.stress, theirs.get_stress(voigt=False), rtol=0, atol=1e-11 * np.abs(ours.stress).max())


def test_zbl_is_the_formula_of_lammps():
    """pair_style zbl: e² = 14.399645 eV Å, a = 0.46850 / (Z_i^0.23 + Z_j^0.23), below the onset of the cutoff."""
    r, Zi, Zj = 0.7, 14, 29
    atoms = AtomicStructure(np.array([[0, 0, 0], [r, 0, 0]]), np.array([Zi, Zj]), np.zeros((3, 3)), np.zeros(3, bool),
                            np.ones(2))  # fmt: skip
    x = r * (Zi**0.23 + Zj**0.23) / 0.46850
    phi = (0.18175 * np.exp(-3.19980 * x) + 0.50986 * np.exp(-0.94229 * x) + 0.28022 * np.exp(-0.40290 * x)
           + 0.02817 * np.exp(-0.20162 * x))  # fmt: skip
    assert evaluate(ZBL((29, 14), cutoff=2.0), atoms).energy == pytest.approx(14.399645 * Zi * Zj / r * phi, rel=1e-6)


@pytest.mark.parametrize(
    "potential", [PairLennardJones((14,), sigma=1.5, epsilon=1.0), ZBL((14,), cutoff=3.0), StillingerWeber()]
)
def test_nothing_jumps_at_the_cutoff(potential):
    """A pair drawn across the cutoff: energy and force vanish at it, and are 0 beyond."""

    def pair(r):
        x = np.array([[0.0, 0, 0], [r, 0, 0]])
        return evaluate(
            potential, AtomicStructure(x, np.array([14, 14]), np.zeros((3, 3)), np.zeros(3, bool), np.ones(2))
        )

    near, at = pair(0.6 * potential.cutoff), pair(potential.cutoff * (1 - 1e-6))
    assert abs(near.energy) > 1e-3
    assert abs(at.energy) < 1e-8 * abs(near.energy)
    assert abs(at.forces).max() < 1e-4 * abs(near.forces).max()


def test_pairs_end_at_the_sum_of_their_radii():
    """R_i + R_j, and half of it the onset: as of a cutoff of its own, which a smaller cutoff bounds."""

    def pair(r, numbers, potential):
        x = np.array([[0.0, 0, 0], [r, 0, 0]])
        atoms = AtomicStructure(x, np.array(numbers), np.zeros((3, 3)), np.zeros(3, bool), np.ones(2))
        return evaluate(potential, atoms).energy

    both = ZBL((14, 18), cutoff=3.0, radii=(0.8, 1.1))
    for numbers, end in (((14, 14), 1.6), ((14, 18), 1.9), ((18, 18), 2.2)):
        for r in (0.5 * end - 0.1, 0.7 * end, 0.99 * end, end + 0.01):
            assert pair(r, numbers, both) == pytest.approx(pair(r, numbers, ZBL((14, 18), cutoff=end)), rel=1e-12)
        assert pair(0.99 * end, numbers, both) > 0 == pair(end + 1e-6, numbers, both)
    assert pair(1.55, (14, 14), ZBL((14,), cutoff=1.5, radii=(0.8,))) == 0


def test_a_sum_adds():
    potential, atoms = POTENTIALS["sum"]
    parts = [evaluate(part, atoms) for part in potential.parts]
    whole = evaluate(potential, atoms)
    assert whole.energy == pytest.approx(parts[0].energy + parts[1].energy, rel=1e-12)
    assert np.allclose(whole.forces, parts[0].forces + parts[1].forces, rtol=0, atol=1e-12 * np.abs(whole.forces).max())


def test_float32_is_near_float64():
    potential, atoms = POTENTIALS["stillinger_weber"]
    single, double = (evaluate(potential, atoms, precision=p) for p in ("single", "double"))
    assert np.abs(single.forces - double.forces).max() < 2e-5 * np.abs(double.forces).max()
    assert single.energy != double.energy


@pytest.mark.parametrize(
    "make",
    [
        lambda: PairLennardJones((14,), sigma=(1.0, 2.0)),
        lambda: PairLennardJones((14,), cutoff=3.0, onset=4.0),
        lambda: ZBL((0,), cutoff=2.0),
        lambda: ZBL((14, 18), cutoff=2.0, radii=(1.0,)),
        lambda: SumOfPotentials(),
        lambda: SumOfPotentials(StillingerWeber(), PairLennardJones((18,))),
        lambda: evaluate(StillingerWeber(), gas()),
        lambda: evaluate(StillingerWeber(), diamond()._replace(positions=np.zeros((8, 3)))),
    ],
)
def test_bad_input_is_one_line(make):
    with pytest.raises(InputError):
        make()


def test_what_differs_from_the_paper_is_seen():
    """Planted: another angle, another exponent; an energy that is not the paper's."""
    atoms = diamond(rattle=0.2)
    for wrong in (StillingerWeber(c=0.3), StillingerWeber(lam=21.1), StillingerWeber(gamma=1.21)):
        assert abs(evaluate(wrong, atoms).energy / paper_energy(atoms) - 1) > 1e-6
    assert jnp.zeros(()).dtype == jnp.float64
