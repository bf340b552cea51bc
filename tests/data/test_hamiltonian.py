# SPDX-License-Identifier: Apache-2.0
"""Hamiltonians from files are those made in Python; mistakes are named; the verb holds them against Lanczos."""

import jax
import pytest

from isinglass.data.hamiltonian import read_hamiltonian
from isinglass.exact.quantum import transverse_field_ising as exact
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.systems.quantum.quantum_numbers import quantum_numbers
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

CHAIN = '[lattice]\nname = "chain"\nshape = [4]\n'
FILES = {
    "ising": ('bond = "-Z(i) Z(j)"\nsite = "-0.7 X(i)"\n' + CHAIN, transverse_field_ising(hypercubic((4,)), 0.7)),
    "heisenberg": (
        'magnetization = 0\nbond = "Sz(i) Sz(j) + 0.5 Sp(i) Sm(j) + 0.5 Sm(i) * Sp(j)"\n' + CHAIN,
        heisenberg(hypercubic((4,))),
    ),
    "hubbard": (
        'kind = "fermion"\nsites = 2\nparticles = [1, 1]\nterms = ["4.0 n(0, up) n(0, down)", '
        '"4.0 n(1, up) @ n(1, down)", "-cdag(0, s) c(1, s) - cdag(1, s) c(0, s)"]\n',
        hubbard(hypercubic((3,), periodic=False), 4.0, (1, 1)),
    ),
}


def read(tmp_path, text):
    path = tmp_path / "h.toml"
    path.write_text(text)
    return read_hamiltonian(path)


def rounded(operator):
    return {word: round(c.real, 12) for word, c in operator.terms.items() if abs(c) > 1e-12}


@pytest.mark.parametrize("name", ["ising", "heisenberg"])
def test_a_file_says_the_same_as_the_function(name, tmp_path):
    text, expected = FILES[name]
    found, graph, numbers = read(tmp_path, text)
    assert numbers is None
    assert found.space == expected.space
    assert rounded(found.operator) == rounded(expected.operator)
    assert graph is not None
    assert graph.n_bonds == 4


def test_fermions_and_graphs_of_ones_own(tmp_path):
    """Two sites: E_0 = U/2 - √(U²/4 + 4t²)."""
    from isinglass.approximation.variational.ground_state import exact_energy

    found = read(tmp_path, FILES["hubbard"][0]).hamiltonian
    assert exact_energy(jax.random.key(0), found) == pytest.approx(2 - 8**0.5, abs=1e-9)
    triangle, graph, _ = read(tmp_path, 'bond = "Z(i) Z(j)"\n[lattice]\nbonds = [[0, 1], [1, 2], [2, 0]]\n')
    assert graph is not None
    assert graph.n_sites == triangle.space.n_sites == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("terms = [", "TOML"),
        ('sites = 3\nterms = ["Z(0) Q(1)"]', r"found 'Q\(1\)' at character 6"),
        ('sites = 3\nterms = ["Z(0) Z(9)"]', r"sites 0 to 2 in .*found Z\(9\)"),
        ('sites = 3\nterms = ["Sp(0) Sm(1)"]', "adjoint"),
        ('terms = ["X(0)"]', "whole number of sites"),
        ('sites = 3\nbond = "Z(i) Z(j)"', r"\[lattice\]"),
        ("sites = 3", "terms"),
        ('sites = 3\nterm = "X(0)"', "'term'"),
        ('sites = 3\nkind = "anyon"\nterms = ["X(0)"]', "anyon"),
        ('site = "X(i)"\n[lattice]\nname = "quasicrystal"', "quasicrystal"),
        ('sites = 2\nmagnetization = 0\nterms = ["X(0)"]', "changes sites"),
        ('sites = 4\nmomentum = [1]\nterms = ["X(0)"]', r"a \[lattice\] for momentum"),
        ('terms = ["Z(0)"]\nmomentum = [1]\n' + CHAIN, "symmetry of the Hamiltonian, found that 1.*Z"),
        ('site = "Z(i)"\nspin_flip = 1\n' + CHAIN, "symmetry of the Hamiltonian"),
        ('site = "Z(i)"\nmomentum = [1, 0]\n' + CHAIN, "1 wave numbers"),
    ],
)
def test_mistakes_are_named(text, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, text)


@pytest.mark.slow
def test_the_verb_finds_the_ground_state(tmp_path):
    """Ising ring of 8 in a field: energy within 4 errors and 1e-3 of Lanczos, and what it says of itself."""
    from isinglass import approximate

    hamiltonian = transverse_field_ising(hypercubic((8,)), 1.5)
    result = approximate(jax.random.key(0), hamiltonian, preset="smoke")
    assert result.verdict == "pass"
    energy = result.estimates["ground_state_energy"]
    assert result.estimates["ground_state_energy/exact"].value == pytest.approx(-13.385005233151, abs=1e-8)
    assert energy.value == pytest.approx(-13.385005233151, rel=1e-3)
    assert energy.error is not None
    assert result.arrays["energy"].sizes == {"step": 100}
    assert result.plot()["variational_energy"].axes


RING = 'magnetization = 0\nmomentum = [{}]\nbond = "Sz(i) Sz(j) + 0.5 Sp(i) Sm(j) + 0.5 Sm(i) * Sp(j)"\n' + CHAIN
LOWEST = {0: -3.651093408937, 1: -2.458738508719, 4: -3.128419063845}  # of the ring of 8, by numpy in the full space


def test_a_momentum_in_the_file(tmp_path):
    """Ring of 8: the lowest level of each momentum among those of the whole matrix, with that momentum."""
    from isinglass import approximate

    for k, E in LOWEST.items():
        hamiltonian, graph, numbers = read(tmp_path, RING.format(k).replace("shape = [4]", "shape = [8]"))
        result = approximate(jax.random.key(0), hamiltonian, ansatz="exact", numbers=numbers)
        assert result.estimates["ground_state_energy"].value == pytest.approx(E, abs=1e-9)
        assert graph is not None


@pytest.mark.slow
@pytest.mark.parametrize("k", LOWEST)
def test_a_neural_state_of_a_momentum(tmp_path, k):
    """Projected RBM on a ring of 8: within 4 errors or 1e-3 of the lowest level with its momentum, never below."""
    from isinglass import approximate

    hamiltonian, _, numbers = read(tmp_path, RING.format(k).replace("shape = [4]", "shape = [8]"))
    result = approximate(jax.random.key(0), hamiltonian, preset="smoke", numbers=numbers)
    assert result.verdict == "pass", result.checks
    assert result.estimates["ground_state_energy"].value == pytest.approx(LOWEST[k], rel=1e-3)


def test_numbers_that_an_ansatz_cannot_have(tmp_path):
    """A symmetric machine has momentum 0; fermions have signs of their own."""
    from isinglass import approximate

    hamiltonian, _, numbers = read(tmp_path, RING.format(1).replace("shape = [4]", "shape = [8]"))
    with pytest.raises(ValueError, match="SymmetricRBM, whose projection is zero"):
        approximate(jax.random.key(0), hamiltonian, ansatz="symmetric-rbm", preset="smoke", numbers=numbers)
    ring = hubbard(hypercubic((4,)), 4.0, (2, 2))
    numbers = quantum_numbers(hypercubic((4,)), ring.space, wave=(1,))
    with pytest.raises(ValueError, match="found fermions"):
        approximate(jax.random.key(0), ring, ansatz="rbm", preset="smoke", numbers=numbers)


def test_a_space_too_large_says_how_much_memory():
    """A ring of 40 spins."""
    from isinglass import approximate

    with pytest.raises(ValueError, match=r"1,099,511,627,776 states, 4.18e\+05 GiB; use fewer sites"):
        approximate(jax.random.key(0), transverse_field_ising(hypercubic((40,))), ansatz="exact")


@pytest.mark.slow
def test_the_verb_ends_where_the_energy_does():
    """Three spins in a field, solved within 150 of 400 steps: it ends, says so, and is right."""
    from isinglass import approximate

    hamiltonian = transverse_field_ising(hypercubic((3,)), 2.0)
    result = approximate(jax.random.key(0), hamiltonian, preset="smoke", steps=400, tolerance=1e-2)
    assert result.arrays["energy"].sizes["step"] < 400
    assert any("converged" in note for note in result.notes)
    exact = result.estimates["ground_state_energy/exact"].value
    assert result.estimates["ground_state_energy"].value == pytest.approx(exact, rel=2e-2)


@pytest.mark.slow
def test_the_verb_finds_low_lying_levels():
    """Free fermions: the ground state, and the lowest level of odd parity, which is the first excited one."""
    from isinglass import approximate

    result = approximate(jax.random.key(0), transverse_field_ising(hypercubic((8,)), 1.5), ansatz="exact", states=2)
    assert result.verdict == "pass"
    assert result.estimates["ground_state_energy"].value == pytest.approx(-13.385005233151, abs=1e-9)
    first = exact.first_excited_energy(8, 1.5)
    assert result.estimates["energy_gap"].value == pytest.approx(first + 13.385005233151, abs=1e-9)
    assert result.arrays["energy"].sizes == {"level": 2}
    with pytest.raises(ValueError, match="1 to 16 levels"):
        approximate(jax.random.key(0), transverse_field_ising(hypercubic((4,))), ansatz="exact", states=17)


def test_a_wrong_energy_without_variance_fails():
    """The first excited state has no variance either: the check that knows E_0 says so."""
    from isinglass.checks.variational import variance_tells, variational_principle
    from isinglass.result import Estimate

    excited = Estimate(-12.366, 0.001)
    assert variance_tells(excited, Estimate(1e-6), -13.385).verdict == "fail"
    assert variance_tells(excited, Estimate(0.5), -13.385).verdict == "pass"
    assert variational_principle(Estimate(-13.395, 0.001), -13.385).verdict == "fail"
    assert variational_principle(Estimate(-13.387, 0.001), -13.385).verdict == "pass"
