# SPDX-License-Identifier: Apache-2.0
"""Symmetry blocks against the dense matrix of the whole space, published energies and known momenta."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import Block, MatrixFree, dense
from isinglass.approximation.exact.lanczos import krylov, lowest
from isinglass.exact.quantum import heisenberg as exact_heisenberg
from isinglass.exact.quantum import transverse_field_ising as exact_ising
from isinglass.symmetry.permutation_group import characters, direct_product, flip, taking
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.hilbert_space import bosons, fermions, lin_table, spins
from isinglass.systems.quantum.hubbard import bose_hubbard, hubbard, t_v
from isinglass.systems.quantum.lattice_symmetry import momentum, space_group, translations, with_spin
from isinglass.systems.quantum.operator import Operator, c, cdag
from isinglass.systems.quantum.symmetric_space import SymmetricSpace
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising


def ring(N):
    return hypercubic((N,))


def momenta(N):
    return [momentum(ring(N), (wave,)) for wave in range(N)]


BOTH = direct_product(translations(ring(8)), flip(8))
FULL = {  # Hamiltonian, abelian group, all its characters
    "hubbard": (hubbard(ring(4), 3.0, (2, 1)), with_spin(translations(ring(4))), momenta(4)),
    "t-V": (t_v(ring(5), 1.3, 2), translations(ring(5)), momenta(5)),
    "bosons": (bose_hubbard(ring(4), 3.0, 4), translations(ring(4)), momenta(4)),
    "spin 1": (heisenberg(ring(3), S=1, magnetization=None), translations(ring(3)), momenta(3)),
    "field, 8": (transverse_field_ising(ring(8), 0.7), translations(ring(8)), momenta(8)),
    "heisenberg, 8": (heisenberg(ring(8)), BOTH, characters(BOTH)),
    "heisenberg, 10": (heisenberg(ring(10)), translations(ring(10)), momenta(10)),
}


def blocks(hamiltonian, group, chi):
    """Those that have states."""
    for one in chi:
        try:
            symmetric = SymmetricSpace(hamiltonian.space, group, one)
        except ValueError:
            continue
        yield symmetric, dense(Block(hamiltonian, symmetric))


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) for n in FULL])
def test_the_levels_of_all_blocks_are_those_of_the_space(name):
    """Hermitian blocks, dimensions that add up, the dense spectrum; a vector of a block has its symmetry."""
    hamiltonian, group, chi = FULL[name]
    whole = dense(hamiltonian)
    levels = []
    for symmetric, matrix in blocks(hamiltonian, group, chi):
        np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-12)
        energies, vectors = np.linalg.eigh(matrix)
        levels.append(energies)
        psi = np.asarray(symmetric.expand(jnp.asarray(vectors[:, 0])))
        np.testing.assert_allclose(whole @ psi, energies[0] * psi, atol=1e-10)
        assert np.linalg.norm(psi) == pytest.approx(1)
    np.testing.assert_allclose(np.sort(np.concatenate(levels)), np.linalg.eigvalsh(whole), atol=1e-10)


def test_momentum_has_the_sign_of_a_wave():
    """A flux through a ring: E(k) = -2 cos(k - φ) for Σ_r exp(ikr) c†_r |0>; planted: the other sign of k."""
    N, phase = 5, 0.3
    hops = sum((-np.exp(1j * phase) * cdag((r + 1) % N) @ c(r) for r in range(N)), Operator({}))
    hamiltonian = Hamiltonian(hops + hops.dagger, fermions(N, 1))
    for wave in (0, 1, 4):
        symmetric = SymmetricSpace(hamiltonian.space, translations(ring(N)), momentum(ring(N), (wave,)))
        k = 2 * np.pi * wave / N
        (energy,) = dense(Block(hamiltonian, symmetric)).real.ravel()
        assert energy == pytest.approx(-2 * np.cos(k - phase))
        assert wave == 0 or abs(energy + 2 * np.cos(k + phase)) > 0.1
        psi = np.asarray(symmetric.expand(jnp.ones(1)))
        np.testing.assert_allclose(psi / psi[0], np.exp(1j * k * np.arange(N)), atol=1e-12)


RINGS = [
    pytest.param(6, 3, marks=pytest.mark.slow),
    pytest.param(8, 0, marks=pytest.mark.slow),
    pytest.param(10, 5, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("N", "wave"), RINGS)
def test_the_ground_state_of_the_ring_has_its_momentum(key, N, wave):
    """Marshall: 0 where N/2 is even, π where it is odd; the other of the two lies higher."""
    energies = {}
    for one in (0, N // 2):
        symmetric = SymmetricSpace(spins(N, magnetization=0), translations(ring(N)), momentum(ring(N), (one,)))
        energies[one] = lowest(key, Block(heisenberg(ring(N)), symmetric)).energies[0]
    assert energies[wave] == pytest.approx(exact_heisenberg.ground_energy(N), abs=1e-8)
    assert min(energies, key=lambda one: energies[one]) == wave


@pytest.mark.slow
def test_the_square_lattice_in_its_symmetric_block(key):
    """Of 12870 states 107 are left; E_0/N published (SYSTEMS B9, B10)."""
    graph = hypercubic((4, 4))
    symmetric = SymmetricSpace(spins(16, magnetization=0), direct_product(space_group(graph), flip(16)))
    assert symmetric.size == 107
    found = lowest(key, Block(heisenberg(graph), symmetric))
    assert found.energies[0] / 16 == pytest.approx(-0.701780200527, abs=1e-10)
    frustrated = lowest(key, Block(j1_j2(graph, 0.5), symmetric))
    assert frustrated.energies[0] == pytest.approx(-8.457923351395, abs=1e-9)


@pytest.mark.slow
def test_a_ring_of_24_spins(key):
    """2 704 156 states, 28 968 of them symmetric; the Bethe ansatz."""
    group = direct_product(space_group(ring(24)), flip(24))
    symmetric = SymmetricSpace(spins(24, magnetization=0), group)
    assert symmetric.size == 28968
    found = lowest(key, Block(heisenberg(ring(24)), symmetric))
    assert found.energies[0] == pytest.approx(exact_heisenberg.ground_energy(24), abs=1e-8)


def test_parity_tells_the_two_lowest_levels_of_the_field_apart(key):
    """The flip of all spins is Π X: free fermions of even and of odd number."""
    hamiltonian = transverse_field_ising(ring(8), 0.8)
    for sign, energy in ((1, exact_ising.ground_energy(8, 0.8)), (-1, exact_ising.first_excited_energy(8, 0.8))):
        symmetric = SymmetricSpace(hamiltonian.space, flip(8), taking(flip(8), [(flip(8), sign)]))
        assert symmetric.size == 128
        assert lowest(key, Block(hamiltonian, symmetric)).energies[0] == pytest.approx(energy, abs=1e-9)


@pytest.mark.parametrize(
    "space", [spins(7, magnetization=0.5), spins(4, 1, 1), bosons(5, 3, 6), fermions(3, (2, 1), spinful=True)], ids=str
)
def test_two_small_tables_find_every_state(space):
    states = space.states()
    np.testing.assert_array_equal(lin_table(space, states)(jnp.asarray(states)), np.arange(space.size))


def test_an_invariant_subspace_ends_the_search(key):
    """Five levels of a ring of free fermions reached from one start: fewer Krylov vectors than asked for, no ghosts."""
    hamiltonian = t_v(ring(4), 0.0, 1)
    found = krylov(key, MatrixFree(hamiltonian), 4)
    np.testing.assert_allclose(found.energies, [-2, 0, 2], atol=1e-12)
    assert found.states.shape == (3, 4)
    every = lowest(key, MatrixFree(hamiltonian), 4)
    np.testing.assert_allclose(every.energies, [-2, 0, 0, 2], atol=1e-10)


def test_a_symmetry_that_is_broken_is_refused():
    with pytest.raises(ValueError, match="becomes"):
        Block(transverse_field_ising(ring(4), longitudinal=0.1), SymmetricSpace(spins(4), flip(4)))
    with pytest.raises(ValueError, match="4 sites, found 3"):
        Block(heisenberg(ring(4)), SymmetricSpace(spins(3), translations(ring(3))))


def test_the_product_of_a_block_is_that_of_its_matrix(key):
    hamiltonian = heisenberg(ring(6))
    block = Block(hamiltonian, SymmetricSpace(hamiltonian.space, translations(ring(6)), momentum(ring(6), (1,))))
    v = jax.lax.complex(*jax.random.normal(key, (2, block.dim)))
    np.testing.assert_allclose(jax.jit(block.__call__)(v), dense(block) @ np.asarray(v), atol=1e-12)
    assert lowest(key, block).energies[0] == pytest.approx(np.linalg.eigvalsh(dense(block))[0], abs=1e-10)
