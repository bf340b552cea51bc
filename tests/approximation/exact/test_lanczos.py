# SPDX-License-Identifier: Apache-2.0
"""Lowest levels of the spectra against published values, and of the product against dense matrices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.exact_diagonalization import MatrixFree, dense, sparse
from isinglass.approximation.exact.lanczos import lowest
from isinglass.exact.quantum import heisenberg as exact_heisenberg
from isinglass.exact.quantum import hubbard as exact_hubbard
from isinglass.exact.quantum import transverse_field_ising as exact_tfim
from isinglass.systems.graph import from_bonds, hypercubic
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.hubbard import bose_hubbard, hubbard, t_v
from isinglass.systems.quantum.toric_code import toric_code
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

CHAIN = hypercubic((12,))


def hopping(graph):
    """The matrix -t of one particle."""
    matrix = np.zeros((graph.n_sites,) * 2)
    for i, j in graph.bonds.tolist():
        matrix[i, j] = matrix[j, i] = -1.0
    return matrix


RING = hypercubic((8,))
PAIR = from_bonds(np.array([[0, 1]]), (2,), "pair")
KNOWN = {  # published (SYSTEMS B7 to B10) and closed forms
    "transverse field, ring": (transverse_field_ising(CHAIN, 0.5), [-12.762569151024, -12.762496682237]),
    "transverse field, open": (
        transverse_field_ising(hypercubic((10,), periodic=False), 1.0), [exact_tfim.ground_energy(10, periodic=False)]),
    "transverse field, 3 x 3": (transverse_field_ising(hypercubic((3, 3)), 3.0), [-29.2097088874, -27.7934921734]),
    "heisenberg ring": (heisenberg(CHAIN), [exact_heisenberg.ground_energy(12), -5.387390917445 + 0.3558475137]),
    "heisenberg open": (heisenberg(hypercubic((8,), periodic=False)), [-3.374932598688]),
    "heisenberg 4 x 4": (heisenberg(hypercubic((4, 4))), [-11.228483208429]),
    "majumdar-ghosh": (j1_j2(hypercubic((10,)), 0.5), [exact_heisenberg.majumdar_ghosh(10)] * 2),
    "J1-J2 4 x 4": (j1_j2(hypercubic((4, 4)), 0.5), [-8.457923351395]),
    "free fermions": (t_v(RING, 0.0, 3), [exact_hubbard.free_energy_of_hopping(hopping(RING), 3)]),
    "hubbard, two sites": (hubbard(PAIR, 4.0, (1, 1)), [exact_hubbard.two_sites(4.0)]),
    "hubbard, U = 0": (
        hubbard(hypercubic((6,)), 0.0, (3, 2)),
        [sum(exact_hubbard.free_energy_of_hopping(hopping(hypercubic((6,))), k) for k in (3, 2))]),
    "bosons, U = 0": (bose_hubbard(hypercubic((5,)), 0.0, 3, cutoff=3), [-6.0]),
}  # fmt: skip


LARGE = ("heisenberg 4 x 4", "J1-J2 4 x 4", "transverse field, 3 x 3", "heisenberg ring", "majumdar-ghosh")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n in LARGE else n for n in KNOWN])
def test_lowest_levels_are_the_known_ones(key, name):
    hamiltonian, levels = KNOWN[name]
    found = lowest(key, MatrixFree(hamiltonian), len(levels))
    assert found.status == "done"
    np.testing.assert_allclose(found.energies, levels, atol=2e-8)
    v = found.states
    np.testing.assert_allclose(v.conj() @ v.T, np.eye(len(levels)), atol=1e-10)


def test_the_toric_code_has_four_ground_states(key):
    found = lowest(key, MatrixFree(toric_code(2, 2)), 5)
    np.testing.assert_allclose(found.energies, [-8, -8, -8, -8, -4], atol=1e-8)


def test_the_product_is_that_of_the_matrix(key):
    """Planted: another field."""
    hamiltonian = transverse_field_ising(hypercubic((6,)), 0.9)
    v = jax.random.normal(key, (64,))
    product = jax.jit(MatrixFree(hamiltonian).__call__)(v)
    np.testing.assert_allclose(product, sparse(hamiltonian) @ np.asarray(v), atol=1e-12)
    assert np.abs(product - dense(transverse_field_ising(hypercubic((6,)), 0.91)) @ v).max() > 1e-3


def test_a_symmetry_block_has_the_levels_of_its_parity(key):
    """Odd parity alone: E_1 of the ring is its lowest level."""
    hamiltonian = transverse_field_ising(hypercubic((8,)), 1.0)
    odd = lambda v: (v - v[::-1]) / 2  # noqa: E731  all spins flipped: the complement of the code
    found = lowest(key, MatrixFree(hamiltonian), 1, project=odd)
    assert found.energies[0] == pytest.approx(-10.054678984252, abs=1e-9)


def test_a_run_cut_short_says_so(key):
    found = lowest(key, MatrixFree(heisenberg(CHAIN)), 1, basis=4, cycles=1)
    assert "allow more cycles" in found.status
    assert found.residuals[0] > 1e-3
    assert jnp.isfinite(found.energies).all()


def test_a_degenerate_level_comes_as_often_as_it_is(key):
    """Four spins without a field: all up and all down, E = -4, and 12 states of E = 0."""
    found = lowest(key, MatrixFree(transverse_field_ising(hypercubic((4,)), 0.0)), 3)
    np.testing.assert_allclose(found.energies, [-4, -4, 0], atol=1e-9)
