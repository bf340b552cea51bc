# SPDX-License-Identifier: Apache-2.0
"""Compiled Hamiltonians against products of Kronecker factors, and what they refuse."""

from functools import reduce

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from isinglass.systems.graph import complete, hypercubic, kagome, ladder, triangular
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.hubbard import bose_hubbard, hubbard, t_v
from isinglass.systems.quantum.operator import (
    Operator,
    Sm,
    Sp,
    Sx,
    Sy,
    Sz,
    X,
    Y,
    Z,
    b,
    bdag,
    c,
    cdag,
    local_matrix,
    n,
)  # fmt: skip
from isinglass.systems.quantum.term import parse
from isinglass.systems.quantum.toric_code import toric_code
from isinglass.systems.quantum.transverse_field_ising import long_range_ising, transverse_field_ising

CHAIN = hypercubic((4,))
OPEN = hypercubic((3,), periodic=False)
HAMILTONIANS = {
    "transverse field": transverse_field_ising(CHAIN, h=0.7, longitudinal=0.2),
    "long range": long_range_ising(1 / (1 + np.abs(np.arange(4)[:, None] - np.arange(4))), np.array([1, 2, 0.5, 1])),
    "heisenberg": heisenberg(CHAIN, magnetization=None),
    "XXZ, sector": heisenberg(hypercubic((5,)), anisotropy=0.3, magnetization=0.5),
    "spin 1": heisenberg(OPEN, S=1, magnetization=None),
    "spin 1, sector": heisenberg(OPEN, S=1, magnetization=1),
    "J1-J2": j1_j2(hypercubic((6,)), J2=0.4, magnetization=None),
    "triangle with Y": Hamiltonian(Y(0) @ Z(1) @ X(2) + 0.3 * Y(2) - 0.1 * Y(0) @ Y(1), spins(3)),
    "bosons": bose_hubbard(OPEN, U=2.0, particles=None, cutoff=2),
    "bosons, sector": bose_hubbard(OPEN, U=2.0, particles=3, cutoff=3),
    "fermions": t_v(hypercubic((5,)), V=1.5, particles=None),
    "fermions on a triangle": t_v(complete(4), V=0.3, particles=2),
    "hubbard": hubbard(OPEN, U=4.0, particles=(2, 1)),
    "flux": Hamiltonian(1j * cdag(0) @ c(2) - 1j * cdag(2) @ c(0) + n(1), fermions(3)),
    "toric code": toric_code(2, 2, h=0.1),
}  # fmt: skip


def kronecker(operator: Operator, N: int, d: int) -> np.ndarray:
    """The matrix by Kronecker products, site 0 the quickest; fermions with their strings, as written on paper."""
    total = np.zeros((d**N, d**N), complex)
    for word, coefficient in operator.terms.items():
        matrix = np.eye(d**N, dtype=complex)
        for name, site in word:
            factors = [np.eye(d)] * N
            factors[site] = local_matrix(name, d)
            if name in ("c", "cdag"):
                factors[:site] = [np.diag([1.0, -1.0])] * site
            matrix = matrix @ reduce(np.kron, factors[::-1])
        total += coefficient * matrix
    return total


def compiled(hamiltonian: Hamiltonian) -> tuple[np.ndarray, np.ndarray]:
    """The matrix by the table of moves, and the codes of its rows."""
    space = hamiltonian.space
    codes = space.states()
    states = np.asarray(jax.vmap(space.decode)(jnp.asarray(codes)))
    diagonal, weights = jax.jit(jax.vmap(hamiltonian.weights))(jnp.asarray(states))
    there = np.asarray(jax.jit(jax.vmap(hamiltonian.connected))(jnp.asarray(states)))
    matrix = np.diag(np.asarray(diagonal)).astype(complex)
    for column, (moves, values) in enumerate(zip(there, np.asarray(weights), strict=True)):
        rows = np.searchsorted(codes, moves.astype(int) @ space.radix)
        for row, value in zip(rows, values, strict=True):
            if value != 0:
                matrix[row, column] += value
    return matrix, codes


@pytest.mark.parametrize("name", HAMILTONIANS)
def test_the_matrix_is_that_of_kronecker_products(name):
    """To 1e-12, in the sector too; Hermitian; connected codes are those of the connected states."""
    hamiltonian = HAMILTONIANS[name]
    space = hamiltonian.space
    matrix, codes = compiled(hamiltonian)
    whole = kronecker(hamiltonian.operator, space.n_sites, space.levels)
    np.testing.assert_allclose(matrix, whole[np.ix_(codes, codes)], atol=1e-12)
    np.testing.assert_allclose(matrix, matrix.conj().T, atol=1e-12)
    outside = np.setdiff1d(np.arange(len(whole)), codes)
    assert np.abs(whole[np.ix_(outside, codes)]).max(initial=0.0) < 1e-12  # the sector is closed
    assert hamiltonian.is_real == (np.abs(whole.imag).max() < 1e-12)
    state = space.decode(jnp.asarray(codes[-1]))
    np.testing.assert_array_equal(
        hamiltonian.connected_codes(state, jnp.asarray(codes[-1])), jax.vmap(space.encode)(hamiltonian.connected(state))
    )


def test_a_wrong_sign_is_caught():
    """Planted: one bond of five with the other sign."""
    matrix, codes = compiled(HAMILTONIANS["XXZ, sector"])
    wrong = HAMILTONIANS["XXZ, sector"].operator - Sz(0) @ Sz(1)
    assert np.abs(matrix - kronecker(wrong, 5, 2)[np.ix_(codes, codes)]).max() > 0.1


@pytest.mark.parametrize("name", HAMILTONIANS)
def test_text_comes_back(name):
    operator = HAMILTONIANS[name].operator
    assert parse(str(operator)) == operator


def test_the_algebra():
    """[X, Y] = 2iZ, {c, c†} = 1, c_0 c_1 = -c_1 c_0, [b, b†] = 1 below the cut-off, S² = S(S+1), adjoints."""
    same = lambda a, b, N, d: np.testing.assert_allclose(kronecker(a, N, d), kronecker(b, N, d), atol=1e-12)  # noqa: E731
    same(X(0) @ Y(0) - Y(0) @ X(0), 2j * Z(0), 1, 2)
    same(c(1) @ cdag(1) + cdag(1) @ c(1), Operator({(): 1}), 2, 2)
    same(c(0) @ c(1), -(c(1) @ c(0)), 2, 2)
    np.testing.assert_allclose(np.diag(kronecker(b(0) @ bdag(0) - bdag(0) @ b(0), 1, 4))[:3], 1)
    same(Sx(0) @ Sx(0) + Sy(0) @ Sy(0) + Sz(0) @ Sz(0), Operator({(): 3.75}), 1, 4)
    same((Sp(0) @ Sm(1) * 2j).dagger, -2j * Sp(1) @ Sm(0), 2, 3)
    word = 2j * c(0) @ cdag(2) + n(1)
    np.testing.assert_allclose(kronecker(word.dagger, 3, 2), kronecker(word, 3, 2).conj().T)


SPACES = [
    spins(5), spins(6, 0.5, 1), spins(4, 1, 0), bosons(4, 3, 5), fermions(5, 2), fermions(3, (2, 1), spinful=True)
]  # fmt: skip


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_states_are_all_of_the_sector(key, space):
    codes = space.states()
    decode, encode, contains = (jax.jit(jax.vmap(f)) for f in (space.decode, space.encode, space.contains))
    assert space.size == len(codes) == int(contains(decode(jnp.arange(space.levels**space.n_sites))).sum())
    assert bool(contains(decode(jnp.asarray(codes))).all())
    np.testing.assert_array_equal(encode(decode(jnp.asarray(codes))), codes)
    drawn = jax.jit(jax.vmap(space.random_state))(jax.random.split(key, 4000))
    assert bool(contains(drawn).all())
    assert set(np.asarray(encode(drawn)).tolist()) == set(codes.tolist())


def test_lattices_have_their_bonds():
    """Number of bonds, z, and a wrong bond would double another."""
    for graph, bonds, z in (
        (kagome((2, 3)), 36, 4), (ladder(5), 15, 3), (ladder(5, periodic=False), 13, 3), (triangular((3, 3)), 27, 6),
        (hypercubic((4,), periodic=False), 3, 2), (hypercubic((3, 4), periodic=False), 17, 4),
        (kagome((2, 2), periodic=False), 12 + 2 + 2 + 1, 4),
    ):  # fmt: skip
        assert graph.n_bonds == bonds
        assert graph.neighbors.shape[1] == z
        assert len({tuple(sorted(bond)) for bond in graph.bonds.tolist()}) == bonds


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: Hamiltonian(Sp(0) @ Sm(1), spins(2)), "without its adjoint"),
        (lambda: Hamiltonian(1j * Z(0), spins(2)), "Hermitian"),
        (lambda: Hamiltonian(X(0), spins(4, magnetization=0)), "changes sites"),
        (lambda: Hamiltonian(X(0) @ X(1), spins(4, magnetization=0)), "changes sites"),
        (lambda: Hamiltonian(X(7), spins(4)), r"sites 0 to 3, found X\(7\)"),
        (lambda: Hamiltonian(X(0), fermions(4)), "operators of a fermion"),
        (lambda: Hamiltonian(X(0), spins(2, 1)), "two levels for a Pauli"),
        (lambda: parse("1.0 Z(0) Q(1)"), r"found 'Q\(1\)' at character 10"),
        (lambda: parse("1.0 Z(0) +"), "complete the last term"),
        (lambda: spins(40).states(), "GiB"),
        (lambda: spins(3, magnetization=0), "quanta"),
        (lambda: fermions(3, 4), "none and full"),
        (lambda: spins(3, S=0.7), "S = 1/2"),
        (lambda: toric_code(1, 3), "sides"),
    ],
)
def test_mistakes_are_named(mistake, message):
    with pytest.raises(ValueError, match=message):
        mistake()
