# SPDX-License-Identifier: Apache-2.0
"""Relaxation, elastic constants and phonons: published numbers of Stillinger-Weber silicon, a chain, differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.systems.particle.silicon import diamond, paper_energy, primitive

from isinglass.approximation.harmonic.crystal import still_crystal
from isinglass.approximation.harmonic.deformation import Deformable
from isinglass.approximation.harmonic.elasticity import elasticity
from isinglass.approximation.harmonic.phonons import force_constants, repeats_for
from isinglass.approximation.harmonic.relaxation import Relaxation, relax
from isinglass.errors import InputError
from isinglass.exact.particle.metal_units import FEMTOSECOND
from isinglass.nets.equivariant import atom_blocks
from isinglass.nets.equivariant.mace import Mace
from isinglass.nets.equivariant.nequip import Nequip
from isinglass.nets.equivariant.schnet import SchNet
from isinglass.systems.particle.evaluation import evaluate
from isinglass.systems.particle.potential.pair_lennard_jones import PairLennardJones
from isinglass.systems.particle.potential.stillinger_weber import StillingerWeber
from isinglass.systems.particle.structure import AtomicStructure

SI = StillingerWeber()


def deformable(atoms, shape="full", pressure=0.0, potential=SI):
    species = jnp.zeros(len(atoms.numbers), int)
    return Deformable(potential, jnp.asarray(atoms.positions), jnp.asarray(atoms.cell), jnp.asarray(atoms.pbc), species,
                      pressure, shape)  # fmt: skip


def at_rest(atoms, shape="full", pressure=0.0, potential=SI, method=Relaxation(1e-7, 1e-5)):
    of = deformable(atoms, shape, pressure, potential)
    state, status = relax(of, method)
    x, cell = (np.asarray(a) for a in of.at(state.z))
    return atoms._replace(positions=x, cell=cell), state, status


SHEARED = np.array([[1.05, 0.03, 0.0], [0.03, 0.97, -0.02], [0.0, -0.02, 1.01]])


def test_a_sheared_and_rattled_crystal_comes_to_rest():
    """a = 5.431 Å, -4.3366 eV an atom: what every strain and displacement leads back to."""
    atoms = diamond(rattle=0.15)
    atoms = atoms._replace(positions=atoms.positions @ SHEARED, cell=atoms.cell @ SHEARED)
    rest, state, status = at_rest(atoms)
    found = evaluate(SI, rest)
    assert status == "done"
    assert found.energy / 8 == pytest.approx(-4.3366, abs=1e-4)
    assert np.linalg.norm(rest.cell, axis=1) == pytest.approx(5.431, abs=1e-3)
    assert np.abs(found.forces).max() < 1e-6
    assert np.abs(found.stress).max() * 160.2 < 1e-4
    assert int(state.evaluations) < 120


def test_a_pressure_is_reached():
    """10 GPa, for the whole cell and for its volume; the enthalpy is what falls."""
    for shape in ("full", "isotropic"):
        rest, state, status = at_rest(diamond(), shape, 10.0)
        stress = evaluate(SI, rest).stress * 160.2176634
        assert status == "done"
        assert np.diag(stress) == pytest.approx(-10.0, abs=1e-3)
        assert float(state.value) == pytest.approx(evaluate(SI, rest).energy + 10 / 160.2176634 * rest.volume, rel=1e-9)


def test_a_cluster_comes_to_rest():
    """LJ13 from a random start near the icosahedron: E = -44.326801 ε (Hoare and Pal 1971)."""
    golden = (1 + 5**0.5) / 2
    corners = [np.roll([0.0, a, b * golden], k) for k in range(3) for a in (-1, 1) for b in (-1, 1)]
    x = np.concatenate([np.zeros((1, 3)), np.array(corners) / np.hypot(1, golden)]) * 1.1
    x = x + 0.1 * np.random.default_rng(0).normal(size=x.shape)
    atoms = AtomicStructure(x, np.full(13, 18), np.zeros((3, 3)), np.zeros(3, bool), np.ones(13))
    lj = PairLennardJones(epsilon=1.0, sigma=1.0, cutoff=30.0, onset=29.0)
    rest, _, status = at_rest(atoms, "none", potential=lj)
    assert status == "done"
    assert evaluate(lj, rest).energy == pytest.approx(-44.326801, abs=1e-5)


def test_too_few_steps_are_said():
    state, status = relax(deformable(diamond(rattle=0.2)), Relaxation(), steps=5)
    assert status.startswith("not converged: 5 steps")
    assert int(state.evaluations) == 6
    x = np.zeros((2, 3))
    x[1, 0] = 1e-60
    atoms = AtomicStructure(x, np.full(2, 18), np.zeros((3, 3)), np.zeros(3, bool), np.full(2, 1.0))
    with jax.debug_nans(False), pytest.raises(InputError):  # noqa: FBT003
        relax(deformable(atoms, "none", potential=PairLennardJones()))


def strained(atoms, F):
    return atoms._replace(positions=atoms.positions @ F, cell=atoms.cell @ F)


def test_elastic_constants_are_the_published_ones():
    """C11 151.4, C12 76.4, C44 56.4 GPa: Balamane et al. 1992, doi:10.1103/PhysRevB.46.2250.

    With the atoms at fixed fractions C44 is that of differences of the energy of the paper, written out pair by pair.
    """
    h, sheared = 1e-3, np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]]) / 2
    E = [paper_energy(strained(diamond(), np.eye(3) + s * h * sheared)) for s in (1, 0, -1)]
    clamped = (E[0] - 2 * E[1] + E[2]) / h**2 / diamond().volume * 160.2176634
    for atoms in (diamond(), primitive()):
        rest = at_rest(atoms)[0]
        species = np.zeros(len(atoms.numbers), int)
        H = force_constants(SI, rest, (1, 1, 1)).hessian
        found = elasticity(still_crystal(SI, rest, species), H)
        C = found.constants
        assert C[0, 0] == pytest.approx(151.4, abs=0.2)
        assert C[0, 1] == pytest.approx(76.4, abs=0.2)
        assert C[3, 3] == pytest.approx(56.4, abs=0.2)
        assert found.clamped[3, 3] == pytest.approx(clamped, abs=0.1)
        assert found.bulk == pytest.approx((151.4 + 2 * 76.4) / 3, abs=0.2)
        assert np.abs(C - C.T).max() < 1e-6
        assert found.least > 0


def test_elastic_constants_are_differences_of_stress():
    """Of a sheared cell, relaxed anew at each strain; planted: the clamped ones differ by more than a GPa."""
    rest = at_rest(diamond())[0]
    H = force_constants(SI, rest, (1, 1, 1)).hessian
    C = elasticity(still_crystal(SI, rest, np.zeros(8, int)), H).constants
    h = 1e-4
    eta = np.array([[0.3, 0.5, -0.2], [0.5, -0.4, 0.7], [-0.2, 0.7, 0.6]])
    ends = []
    for sign in (1, -1):
        F = np.eye(3) + sign * h * eta
        ends.append(evaluate(SI, at_rest(strained(rest, F), "none", method=Relaxation(1e-10, 1.0))[0]).stress)
    slope = (ends[0] - ends[1]) / (2 * h) * 160.2176634
    e = np.array([eta[0, 0], eta[1, 1], eta[2, 2], 2 * eta[1, 2], 2 * eta[0, 2], 2 * eta[0, 1]])
    assert slope[[0, 1, 2, 1, 0, 0], [0, 1, 2, 2, 2, 1]] == pytest.approx(C @ e, abs=0.02)


def test_the_hessian_is_differences_of_forces():
    atoms = diamond(rattle=0.05)
    H, h = force_constants(SI, atoms, (1, 1, 1)).hessian, 1e-5
    for a, k in ((0, 0), (5, 2)):
        step = np.zeros_like(atoms.positions)
        step[a, k] = h
        ends = [evaluate(SI, atoms._replace(positions=atoms.positions + s * step)).forces for s in (1, -1)]
        assert np.abs((ends[1] - ends[0]) / (2 * h) - H[a, k]).max() < 1e-6 * np.abs(H).max()


def optical(a: float) -> float:
    """The optical frequency of two sublattices moved apart, by differences of the energy of the paper's formula."""
    h, E = 1e-3, []
    for s in (1, 0, -1):
        atoms = primitive(a)
        x = atoms.positions + s * h * np.array([[0.5, 0, 0], [-0.5, 0, 0]])
        E.append(evaluate(SI, atoms._replace(positions=x)).energy)
    k = (E[0] - 2 * E[1] + E[2]) / h**2
    return np.sqrt(k / (28.085 / 2)) / (2 * np.pi) * FEMTOSECOND * 1000


def test_phonons_of_silicon():
    """Three vanish at Γ, three are optical at 17.8 THz, as is published of this potential; a cubic cell agrees."""
    rest = at_rest(primitive())[0]
    repeats = repeats_for(rest, 8.0, 2000)
    phonons = force_constants(SI, rest, repeats)
    gamma = phonons.frequencies(np.zeros((1, 3)))[0]
    assert repeats == (6, 6, 6)
    assert np.abs(gamma[:3]).max() < 1e-3
    assert gamma[3:] == pytest.approx(optical(5.431), rel=1e-4)
    assert gamma[5] == pytest.approx(17.8, abs=0.2)
    assert phonons.sum_rule < 1e-10
    assert phonons.symmetry < 1e-10
    X = phonons.frequencies(np.array([[0.5, 0.5, 0.0]]))[0]
    cubic = force_constants(SI, at_rest(diamond())[0], (1, 1, 1)).frequencies(np.zeros((1, 3)))[0]
    for f in np.concatenate([gamma, X]):  # the cubic cell folds X onto Γ
        assert np.abs(cubic - f).min() < 2e-3
    assert phonons.frequencies(phonons.grid()).min() > -1e-3


def test_interpolation_is_exact_once_the_supercell_holds_the_forces():
    """A wave vector that fits into neither supercell: both are wide enough for forces of two cutoffs."""
    rest = at_rest(primitive())[0]
    q = np.array([[0.11, 0.23, -0.37], [0.05, 0.02, 0.01]])
    wide, wider = (force_constants(SI, rest, (k, k, k)).frequencies(q) for k in (6, 7))
    narrow = force_constants(SI, rest, (2, 2, 2)).frequencies(q)
    assert np.abs(wide - wider).max() < 1e-6
    assert np.abs(narrow - wider).max() > 0.01


def test_a_chain_has_its_dispersion():
    """ω = 2 √(k/m) |sin(π q)| along a chain with neighbors alone, in supercells of eight and of two."""
    lj = PairLennardJones(epsilon=0.5, sigma=2.0, cutoff=3.5, onset=2.8)
    a = 2 ** (1 / 6) * 2.0
    k, m = 72 * 0.5 / (2 ** (1 / 3) * 4.0), 20.0
    cell = np.diag([a, 1.0, 1.0])
    atoms = AtomicStructure(np.zeros((1, 3)), np.array([18]), cell, np.array([True, False, False]), np.full(1, m))
    phonons = force_constants(lj, atoms, (8, 1, 1))
    q = np.linspace(0, 0.5, 7)
    exact = 2 * np.sqrt(k / m) * np.abs(np.sin(np.pi * q)) / (2 * np.pi) * FEMTOSECOND * 1000
    found = phonons.frequencies(np.stack([q, 0 * q, 0 * q], 1))
    assert found[:, 2] == pytest.approx(exact, abs=1e-6)
    assert np.abs(found[:, :2]).max() < 1e-4
    pair = force_constants(lj, atoms, (2, 1, 1))  # both neighbors are images of one atom, equally near
    assert pair.frequencies(np.stack([q, 0 * q, 0 * q], 1))[:, 2] == pytest.approx(exact, abs=1e-6)
    D = pair.dynamical(np.array([[0.2, 0.0, 0.0]]))[0]
    assert np.abs(D - D.conj().T).max() < 1e-12 * np.abs(D).max()


def test_a_saddle_has_an_imaginary_frequency():
    """Simple cubic argon with its forces 0 by symmetry is no minimum."""
    lj = PairLennardJones(cutoff=6.0)
    atoms = AtomicStructure(np.zeros((1, 3)), np.array([18]), 3.7 * np.eye(3), np.ones(3, bool), np.full(1, 39.95))
    rest, _, status = at_rest(atoms, "isotropic", potential=lj)
    phonons = force_constants(lj, rest, (4, 4, 4))
    assert status == "done"
    assert phonons.frequencies(phonons.grid()).min() < -0.1


@pytest.mark.parametrize("made", [*(pytest.param(n, marks=pytest.mark.slow) for n in (Nequip, Mace)), SchNet])
def test_networks_of_messages_have_second_derivatives(made, monkeypatch):
    """Φ of a rattled cell against central differences of forces, h = 1e-4 Å; C against those of the stress.

    In blocks of at most three atoms.
    """
    monkeypatch.setattr(atom_blocks, "BLOCK", 3)
    net = made(key=jax.random.key(0), numbers=(14,), cutoff=3.0, average=5.0, channels=4)
    atoms = diamond(rattle=0.1)
    phonons = force_constants(net, atoms, (1, 1, 1))
    h, moved = 1e-4, atoms.positions.copy()
    moved[2, 1] += h
    up = evaluate(net, atoms._replace(positions=moved)).forces
    moved[2, 1] -= 2 * h
    slope = -(up - evaluate(net, atoms._replace(positions=moved)).forces) / (2 * h)
    assert phonons.hessian[:, :, 2, 1] == pytest.approx(slope, abs=1e-6 * np.abs(phonons.hessian).max())
    crystal = still_crystal(net, atoms, np.zeros(8, int))
    C, strain = elasticity(crystal, phonons.hessian).clamped, np.diag([h, 0.0, 0.0])
    stress = [
        evaluate(net, atoms._replace(positions=atoms.positions @ F, cell=atoms.cell @ F)).stress[1, 1] * 160.2176634
        for F in (np.eye(3) + strain, np.eye(3) - strain)
    ]
    assert np.isfinite(C).all()
    assert C[1, 0] == pytest.approx((stress[0] - stress[1]) / (2 * h), abs=1e-4 * np.abs(C).max())
