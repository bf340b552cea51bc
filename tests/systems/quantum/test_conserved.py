# SPDX-License-Identifier: Apache-2.0
"""Conserved charges: those of the textbook, and for any H exactly those that its matrix has; planted: one term more."""

import numpy as np
import pytest
import scipy.sparse.csgraph
from tests.approximation.variational.test_markov_chain import pairs_of_bosons, ring_exchange

from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.symmetry.elimination import LARGE_PRIME, echelon, null_space
from isinglass.systems.graph import from_bonds, hypercubic
from isinglass.systems.quantum.conserved import changes, conserved, joined
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import fermions, spins
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.systems.quantum.operator import X, Y, Z, c, cdag
from isinglass.systems.quantum.toric_code import toric_code
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

RING = hypercubic((4,))
TWO = from_bonds(np.array([[0, 1], [1, 2], [3, 4]]), (5,), "graph")
PAIRING = cdag(0) @ c(1) + cdag(1) @ c(0) + cdag(1) @ cdag(2) + c(2) @ c(1)
ELECTRONS = hubbard(RING, 4.0, (2, 2)).operator
HAMILTONIANS = {  # Hamiltonian, sums, parities
    "ising": (transverse_field_ising(RING, 1.0), 0, 0),
    "heisenberg": (heisenberg(RING), 1, 0),
    "two pieces": (heisenberg(TWO, magnetization=0.5), 2, 0),
    "electrons by number": (Hamiltonian(ELECTRONS, fermions(4, 4, spinful=True)), 2, 0),
    "electrons in the whole space": (Hamiltonian(ELECTRONS, fermions(4, spinful=True)), 2, 0),
    "pairing": (Hamiltonian(PAIRING, fermions(3)), 1, 0),  # n_0 + n_1 - n_2
    "both pairings": (Hamiltonian(PAIRING + cdag(0) @ cdag(1) + c(1) @ c(0), fermions(3)), 0, 1),
    "xyz": (Hamiltonian(X(0) @ X(1) + 0.5 * Y(0) @ Y(1) + Z(1) @ Z(2) + X(1) @ X(2), spins(3)), 0, 1),
    "xx and yy as one": (Hamiltonian(X(0) @ X(1) + Y(0) @ Y(1), spins(3)), 2, 0),
    "classical": (Hamiltonian(Z(0) @ Z(1), spins(2)), 2, 0),
    "toric code": (toric_code(2, 2, 0.3), 0, 5),
    "ring exchange": (ring_exchange(), 1, 1),  # the even sites modulo 2
    "pairs of bosons": (pairs_of_bosons(), 1, 0),
}


def of_matrix(hamiltonian):
    """Changes n' - n of all elements of the whole matrix."""
    space = hamiltonian.space
    n = space.states()[:, None] // space.radix % space.levels
    to, here = np.nonzero(np.abs(dense(hamiltonian)) > 1e-12)
    return np.unique(n[to] - n[here], axis=0), n


@pytest.mark.parametrize("name", HAMILTONIANS)
def test_charges_are_those_of_the_matrix(name):
    """As many as the textbook says; equal on all states that H connects; the changes are those of the matrix."""
    hamiltonian, sums, parities = HAMILTONIANS[name]
    found = conserved(hamiltonian)
    assert (len(found.sums), len(found.parities)) == (sums, parities)
    assert found.hidden == sums + parities - len(hamiltonian.space.conserved)
    every, n = of_matrix(hamiltonian)
    inside = {tuple(row) for row in changes(hamiltonian).tolist()}
    assert {tuple(row) for row in every.tolist()} <= inside
    pieces = scipy.sparse.csgraph.connected_components(np.abs(dense(hamiltonian)) > 1e-12)[1]
    labels = np.unique(found.labels(n), axis=0, return_inverse=True)[1]
    for piece in range(pieces.max() + 1):
        assert len(set(labels[pieces == piece])) == 1
    if name not in ("ring exchange", "both pairings"):  # which fall into further pieces, or have one of two states
        assert labels.max() == pieces.max()


def test_one_term_more_joins_them():
    """Planted: a bond between two pieces leaves one charge; a field along x none."""
    op = heisenberg(TWO, magnetization=None).operator
    count = lambda op: conserved(Hamiltonian(op, spins(5))).hidden  # noqa: E731
    assert [count(op), count(op + X(2) @ X(3) + Y(2) @ Y(3)), count(op + X(2) + X(3))] == [2, 1, 0]


def test_names():
    charges = conserved(HAMILTONIANS["electrons by number"][0])
    (label,) = charges.labels(np.array([[1, 0, 1, 0, 0, 0, 1, 1]]))
    assert charges.named(label) == "n(0-3) = 2; n(4-7) = 2"
    charges = conserved(HAMILTONIANS["pairing"][0])
    (label,) = charges.labels(np.array([[0, 1, 0]]))
    assert charges.named(label) in ("n(0-1) - n(2) = 1", "n(2) - n(0-1) = -1")
    charges = conserved(HAMILTONIANS["both pairings"][0])
    assert charges.named(charges.labels(np.array([[1, 1, 1]]))[0]) == "n(0-2) = 1 modulo 2"


def test_bonds_that_join():
    """Every piece with the next one; nothing where there is one piece; planted: without them a site stays alone."""
    whole = np.concatenate([TWO.bonds, joined(TWO.bonds, range(5))])
    count = lambda bonds: scipy.sparse.csgraph.connected_components(  # noqa: E731
        scipy.sparse.coo_array((np.ones(len(bonds)), tuple(np.transpose(bonds))), (5, 5)))[0]  # fmt: skip
    assert (count(TWO.bonds), count(whole)) == (2, 1)
    assert joined(RING.bonds, range(4)).shape == (0, 2)
    assert joined(np.zeros((0, 2), int), range(3)).tolist() == [[0, 1], [1, 2]]


@pytest.mark.parametrize("p", [2, 5, LARGE_PRIME])
def test_elimination(p):
    """Pivots alone in their columns; rank + dimension of the null space = columns; every q solves all equations."""
    rows = np.random.default_rng(0).integers(-2, 3, (6, 9))
    rows[5] = rows[0] + rows[1]
    reduced, pivots = echelon(rows, p)
    np.testing.assert_array_equal(reduced[:, pivots], np.eye(len(pivots)))
    q = null_space(rows, p)
    assert len(pivots) + len(q) == 9
    assert not (rows.astype(object) @ q.T.astype(object) % p).any()
    assert (rows[:, 1:].astype(object) @ q.T[:-1].astype(object) % p).any()  # planted: sites shifted by one
