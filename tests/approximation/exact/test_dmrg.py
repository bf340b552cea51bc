# SPDX-License-Identifier: Apache-2.0
"""Sweeps against free fermions, Bethe's ansatz and Lanczos; the operator against its matrix."""

from functools import reduce

import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.approximation.exact.dmrg import dmrg
from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.exact.matrix_product_operator import matrix_product_operator
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.exact.quantum import heisenberg as exact_heisenberg
from isinglass.exact.quantum import hubbard as exact_hubbard
from isinglass.exact.quantum import transverse_field_ising as exact_tfim
from isinglass.systems.graph import hypercubic
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.hubbard import bose_hubbard, hubbard, t_v
from isinglass.systems.quantum.operator import X, Y, Z
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

RING = hypercubic((4,))
OPEN = hypercubic((20,), periodic=False)
OPERATORS = {
    "field": transverse_field_ising(RING, 0.7, longitudinal=0.2),
    "heisenberg": heisenberg(RING),
    "three spins with Y": Hamiltonian(Y(0) @ Z(1) @ X(2) + 0.3 * Y(2) - 0.1 * Y(0) @ Y(3), spins(4)),
    "bosons": bose_hubbard(hypercubic((3,), periodic=False), U=2.0, particles=2, cutoff=2),
    "electrons": hubbard(hypercubic((2,), periodic=False), U=4.0, particles=(1, 1)),
    "fermions around a ring": t_v(RING, V=1.5, particles=2),
}


def matrix(W):
    """The product of all tensors, site 0 the quickest."""
    whole = reduce(lambda a, b: np.einsum("wstv,vpqu->wpsqtu", a, b).reshape(
        1, a.shape[1] * b.shape[1], a.shape[2] * b.shape[2], b.shape[3]), W)  # fmt: skip
    return whole[0, :, :, 0]


@pytest.mark.parametrize("name", OPERATORS)
def test_the_operator_is_that_of_the_matrix(name):
    """In the sector to 1e-12 and closed there.  Planted: one per cent more."""
    hamiltonian = OPERATORS[name]
    codes, found = hamiltonian.space.states(), matrix(matrix_product_operator(hamiltonian))
    np.testing.assert_allclose(found[np.ix_(codes, codes)], dense(hamiltonian), atol=1e-12)
    outside = np.setdiff1d(np.arange(len(found)), codes)
    assert np.abs(found[np.ix_(outside, codes)]).max(initial=0.0) < 1e-12
    wrong = matrix_product_operator(Hamiltonian(hamiltonian.operator * 1.01, hamiltonian.space))
    assert np.abs(matrix(wrong)[np.ix_(codes, codes)] - dense(hamiltonian)).max() > 1e-3


def test_bonds_do_not_grow_with_the_chain():
    """Three for nearest neighbors in a field, five for Heisenberg, as by hand."""
    for hamiltonian, bond in ((transverse_field_ising(OPEN), 3), (heisenberg(OPEN, magnetization=None), 5)):
        assert {w.shape[0] for w in matrix_product_operator(hamiltonian)[2:-1]} == {bond}


def test_energy_falls_with_the_bond_to_that_of_free_fermions(key):
    """TFIM, 20 sites, open, critical: to 1e-8 at bond 16, never below; the weight left out tells the error."""
    hamiltonian, exact = transverse_field_ising(OPEN), exact_tfim.ground_energy(20, periodic=False)
    found = [dmrg(key, hamiltonian, bond) for bond in (2, 4, 8, 16)]
    error = np.array([run.energy - exact for run in found])
    assert (np.diff(error) < 0).all()
    assert (error > -1e-10).all()
    assert error[-1] < 1e-8
    assert error[0] > 1e-2  # the test sees a bond that is too small
    assert all(run.status == "done" for run in found)
    assert (np.diff([run.discarded for run in found]) < 0).all()


KNOWN = {
    "heisenberg, ring": (heisenberg(hypercubic((10,))), exact_heisenberg.ground_energy(10), 32),
    "majumdar-ghosh": (j1_j2(hypercubic((8,)), 0.5), exact_heisenberg.majumdar_ghosh(8), 16),
    "electrons": (hubbard(hypercubic((2,), periodic=False), 4.0, (1, 1)), exact_hubbard.two_sites(4.0), 4),
    "bosons": (bose_hubbard(hypercubic((5,)), 0.0, 3, cutoff=3), -6.0, 20),
}


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow) if n == "heisenberg, ring" else n for n in KNOWN]
)
def test_energies_in_sectors_are_the_known_ones(key, name):
    hamiltonian, exact, bond = KNOWN[name]
    found = dmrg(key, hamiltonian, bond)
    assert found.energy == pytest.approx(exact, abs=2e-6)
    assert found.energy > exact - 1e-9


def test_the_state_is_a_neural_state_like_any_other(key):
    """Local energies of an eigenstate are constant, by the walk over moves.  Planted: another field."""
    hamiltonian = transverse_field_ising(hypercubic((8,)), 1.0)
    found = dmrg(key, hamiltonian, 16)
    n = jnp.asarray(np.random.default_rng(0).integers(0, 2, (20, 8)), jnp.int8)
    E = np.asarray(local_energies(hamiltonian, found.psi, n))
    np.testing.assert_allclose(E, exact_tfim.ground_energy(8), atol=1e-4)
    assert np.std(np.asarray(local_energies(transverse_field_ising(hypercubic((8,)), 1.1), found.psi, n))) > 1e-2


def test_a_run_cut_short_says_so(key):
    assert "allow more" in dmrg(key, heisenberg(hypercubic((8,))), 4, sweeps=1).status
    with pytest.raises(ValueError, match="at least two sites"):
        dmrg(key, Hamiltonian(X(0), spins(1)), 4)
