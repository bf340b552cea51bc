# SPDX-License-Identifier: Apache-2.0
"""Correlations and entanglement of states known on paper."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import Block, MatrixFree, dense
from isinglass.approximation.exact.lanczos import lowest
from isinglass.approximation.exact.observable import (
    entropy,
    expectation,
    fidelity,
    occupation_correlation,
    reduced_density_matrix,
    variance,
)
from isinglass.observables.structure_factor import structure_factor_of_pairs
from isinglass.symmetry.permutation_group import direct_product, flip
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import exchange, heisenberg, j1_j2
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.lattice_symmetry import averaged, positions, space_group
from isinglass.systems.quantum.symmetric_space import SymmetricSpace

RING = hypercubic((6,))


def ground(key, hamiltonian):
    return lowest(key, MatrixFree(hamiltonian), tolerance=1e-12).states[0]


@pytest.mark.slow
def test_the_ring_of_heisenberg(key):
    """E/N = <S_i·S_{i+1}> = 3 <S^z S^z>; S(k) is 0 at k = 0, largest at π, 1/4 in the mean; H has no variance."""
    hamiltonian = heisenberg(RING)
    psi = ground(key, hamiltonian)
    bond = -2.802775637732 / 6  # SYSTEMS B9
    pair = Hamiltonian(exchange(np.array([[0, 1]]), 1.0), hamiltonian.space)
    assert expectation(MatrixFree(pair), psi) == pytest.approx(bond, abs=1e-9)
    assert variance(MatrixFree(hamiltonian), psi) < 1e-18
    assert variance(MatrixFree(pair), psi) > 1e-2
    sz = 0.25 - 0.5 + occupation_correlation(hamiltonian.space, psi)  # (1/2 - n_i)(1/2 - n_j), <n> = 1/2
    assert 3 * sz[0, 1] == pytest.approx(bond, abs=1e-9)
    k = 2 * np.pi * np.arange(6)[:, None] / 6
    S = structure_factor_of_pairs(sz, positions(RING)[0], k)
    assert S[0] == pytest.approx(0, abs=1e-12)
    assert S.argmax() == 3
    assert S.mean() == pytest.approx(0.25)


@pytest.mark.slow
def test_an_average_in_the_symmetric_block_is_that_of_the_whole(key):
    """<S_0·S_3> in the block by its average over the group."""
    hamiltonian = heisenberg(RING)
    symmetric = SymmetricSpace(hamiltonian.space, direct_product(space_group(RING), flip(6)),
                               np.kron([1 if even else -1 for even in parities(RING)], [1, -1]))  # fmt: skip
    v = lowest(key, Block(hamiltonian, symmetric), tolerance=1e-12).states[0]
    far = exchange(np.array([[0, 3]]), 1.0)
    whole = expectation(MatrixFree(Hamiltonian(far, hamiltonian.space)), ground(key, hamiltonian))
    inside = Hamiltonian(averaged(far, symmetric.group), hamiltonian.space)
    assert expectation(Block(inside, symmetric), v) == pytest.approx(whole, abs=1e-9)
    assert fidelity(symmetric.expand(v), ground(key, hamiltonian)) == pytest.approx(1, abs=1e-9)


def parities(graph):
    """Marshall: ψ of the ring of 6 changes sign under what exchanges the sublattices."""
    return [move[0] % 2 == 0 for move in space_group(graph).sites]


def test_a_chain_of_singlets(key):
    """Majumdar and Ghosh on the open chain J_2 = J_1/2 is a product of singlets: ln 2 for each that is cut."""
    space = spins(4, magnetization=0)
    bonds = exchange(np.array([[0, 1], [1, 2], [2, 3]]), 1.0) + 0.5 * exchange(np.array([[0, 2], [1, 3]]), 1.0)
    psi = ground(key, Hamiltonian(bonds, space))
    for block, cut in (((0, 1), 0), ((0,), 1), ((1, 2), 2), ((3, 0), 2), ((0, 1, 2), 1)):
        rho = reduced_density_matrix(space, psi, block)
        assert np.trace(rho) == pytest.approx(1)
        for order in (1.0, 2.0, 0.5):
            assert entropy(rho, order) == pytest.approx(cut * np.log(2), abs=1e-6)


def test_a_block_and_the_rest_are_equally_entangled(key):
    """Schmidt; Rényi's entropies fall with the order; a sector as the whole space; planted: another block."""
    space = bosons(4, 2, 4)
    psi = jax.random.normal(key, (space.size,))
    one, rest, other = (reduced_density_matrix(space, psi, block) for block in ((0, 2), (1, 3), (0, 1)))
    assert entropy(one) == pytest.approx(entropy(rest))
    assert entropy(one, 0.5) > entropy(one) > entropy(one, 2.0) > entropy(one, 3.0)
    assert abs(entropy(one) - entropy(other)) > 1e-3
    whole = jnp.zeros(3**4).at[space.states()].set(psi)
    np.testing.assert_allclose(one, reduced_density_matrix(bosons(4, 2), whole, (0, 2)), atol=1e-12)


def test_mistakes_are_named():
    psi = jnp.ones(16)
    with pytest.raises(ValueError, match="different sites"):
        reduced_density_matrix(spins(4), psi, (1, 1))
    with pytest.raises(ValueError, match="first modes"):
        reduced_density_matrix(fermions(4), psi, (1, 2))


@pytest.mark.slow
def test_fidelity_falls_across_a_crossing(key):
    """J1-J2 on the ring of 6: the ground state at J_2 = 0 and 1 differ in momentum, so that they are orthogonal."""
    a, b = (ground(key, j1_j2(RING, J2)) for J2 in (0.0, 1.0))
    assert fidelity(a, a) == pytest.approx(1)
    assert fidelity(a, b) == pytest.approx(0, abs=1e-9)
    assert np.linalg.eigvalsh(dense(j1_j2(RING, 1.0)))[1] > -10
