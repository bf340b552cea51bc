# SPDX-License-Identifier: Apache-2.0
"""Orders of groups and numbers of characters as in the tables of crystallography; what breaks a symmetry is named."""

import numpy as np
import pytest

from isinglass.symmetry.permutation_group import (
    PermutationGroup,
    characters,
    direct_product,
    flip,
    generated,
    taking,
)
from isinglass.systems.graph import complete, from_bonds, honeycomb, hypercubic, kagome, ladder, triangular
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.heisenberg import heisenberg
from isinglass.systems.quantum.hilbert_space import bosons, fermions, spins
from isinglass.systems.quantum.hubbard import hubbard
from isinglass.systems.quantum.lattice_symmetry import (
    averaged,
    broken_term,
    check_symmetry,
    keeps_bonds,
    momentum,
    point_group,
    space_group,
    translations,
    with_spin,
)
from isinglass.systems.quantum.operator import Operator, Sx, Sy, Sz, X, Y, Z, c, cdag, n
from isinglass.systems.quantum.symmetric_space import SymmetricSpace
from isinglass.systems.quantum.transverse_field_ising import transverse_field_ising

OPEN = {"periodic": False}
LATTICES = {  # graph, translations, order of the point group, of the space group
    "ring": (hypercubic((8,)), 8, 2, 16),
    "open chain": (hypercubic((7,), **OPEN), 1, 2, 2),
    "square": (hypercubic((4, 4)), 16, 8, 128),
    "rectangle": (hypercubic((3, 4)), 12, 4, 48),
    "open square": (hypercubic((3, 3), **OPEN), 1, 8, 8),
    "cube": (hypercubic((3, 3, 3)), 27, 48, 27 * 48),
    "triangular": (triangular((3, 3)), 9, 12, 108),
    "oblong triangular": (triangular((3, 6)), 18, 2, 72),
    "kagome": (kagome((3, 3)), 9, 12, 108),
    "honeycomb": (honeycomb((4, 6)), 12, 4, 48),
    "ladder": (ladder(5), 10, 4, 20),
}


@pytest.mark.parametrize("name", [n for n in LATTICES if n not in ("oblong triangular", "cube")])
def test_groups_have_their_orders_and_keep_the_bonds(name):
    """C2, C2v, C4v, C6v times the translations; closed; the space group is the product of both."""
    graph, *orders = LATTICES[name]
    groups = translations(graph), point_group(graph), space_group(graph)
    assert [len(group) for group in groups] == orders
    for group in groups:
        group.table()
        np.testing.assert_array_equal(group.sites[0], np.arange(graph.n_sites))
        assert all(keeps_bonds(graph, move) for move in group.sites)
    both = generated(*groups[:2])
    assert {tuple(row) for row in both.sites} == {tuple(row) for row in groups[2].sites}


def test_what_is_no_isometry_is_left_out():
    """The 4 x 4 torus is the cube of four dimensions with 384 automorphisms: 128 of them are of the plane."""
    swapped = np.arange(8)
    swapped[[2, 3]] = 3, 2
    assert not keeps_bonds(hypercubic((8,)), swapped)  # planted
    with pytest.raises(ValueError, match="geometry"):
        space_group(complete(4))
    with pytest.raises(ValueError, match="closed under multiplication"):
        PermutationGroup(np.stack([np.arange(8), swapped, np.roll(np.arange(8), 1)]), np.zeros(3, bool)).table()


CHARACTERS = {  # published tables: one-dimensional representations of C2v, C4v, C6v, D3, C5, C4v x C2
    "C2v": (point_group(hypercubic((3, 4))), 4),
    "C4v": (point_group(hypercubic((4, 4))), 4),
    "C6v": (point_group(kagome((3, 3))), 4),
    "D3": (space_group(hypercubic((3,))), 2),
    "C5": (translations(hypercubic((5,))), 5),
    "C4v x C2": (direct_product(point_group(hypercubic((3, 3))), flip(9)), 8),
}


@pytest.mark.parametrize("name", CHARACTERS)
def test_characters_are_those_of_the_tables(name):
    """Their number; homomorphisms; orthogonal; the trivial one first."""
    group, number = CHARACTERS[name]
    chi = characters(group)
    assert chi.shape == (number, len(group))
    np.testing.assert_allclose(chi[0], 1)
    np.testing.assert_allclose(chi[:, group.table()], chi[:, :, None] * chi[:, None], atol=1e-12)
    np.testing.assert_allclose(chi @ chi.conj().T, len(group) * np.eye(number), atol=1e-10)


def test_momenta_are_characters_of_the_translations():
    graph = hypercubic((3, 2))
    ours = np.array([momentum(graph, (i, j)) for i in range(3) for j in range(2)])
    found = characters(translations(graph))
    assert np.abs(ours[:, None] - found[None]).max(axis=-1).min(axis=1) == pytest.approx(0, abs=1e-12)
    group = direct_product(translations(graph), flip(6))
    chosen = taking(group, [(flip(6), -1), (translations(graph), 1)])
    np.testing.assert_allclose(chosen, np.kron(np.ones(6), [1, -1]), atol=1e-12)
    with pytest.raises(ValueError, match="one character"):
        taking(group, [(flip(6), 1j)])


def test_hamiltonians_have_the_symmetry_of_their_lattice():
    """Also the fermions, whose strings of signs a reflection turns around."""
    square = hypercubic((3, 3))
    assert broken_term(transverse_field_ising(square).operator, spins(9), space_group(square)) is None
    ring = hypercubic((4,))
    both = direct_product(space_group(ring), flip(4))
    check_symmetry(heisenberg(ring), both)
    check_symmetry(hubbard(ring, 4.0, (2, 1)), with_spin(space_group(ring)))


@pytest.mark.parametrize(
    ("operator", "space", "group", "message"),
    [
        (heisenberg(hypercubic((4,)), S=1).operator + Sz(2), spins(4, 1), translations(hypercubic((4,))), "becomes"),
        (Z(0) @ Z(1) @ Z(2) + 0.1 * X(1), spins(3), translations(hypercubic((3,))), r"0.1.* X\(1\)"),
        (Z(0) @ Z(1), spins(2), flip(2), None),
        (Z(0) + Z(1), spins(2), flip(2), r"Z\(0\) becomes -1"),
        (Y(0) @ Y(1) + X(0), spins(2), flip(2), None),
        (Sy(0) @ Sz(1), spins(2, 1), flip(2), None),
        (Sx(0) @ Sz(1), spins(2, 1), flip(2), "becomes"),
        (1j * cdag(0) @ c(1) - 1j * cdag(1) @ c(0), fermions(2), space_group(hypercubic((2,))), "becomes"),
        (n(0) + n(1), bosons(2, 2), flip(2), "flip of spins"),
        (X(0), spins(1), flip(2), "2; use the Hamiltonian's"),
    ],
)  # fmt: skip
def test_what_breaks_a_symmetry_is_named(operator, space, group, message):
    if message is None:
        check_symmetry(Hamiltonian(operator, space), group)
    else:
        with pytest.raises(ValueError, match=message):
            check_symmetry(Hamiltonian(operator, space), group)


def test_an_average_over_a_group_commutes_with_it():
    graph = hypercubic((3, 3))
    group = direct_product(space_group(graph), flip(9))
    one = averaged(Z(0) @ Z(1) + Z(4), group)
    assert broken_term(one, spins(9), group) is None
    terms = {word: value for word, value in one.terms.items() if abs(value) > 1e-14}
    assert {len(word) for word in terms} == {2}  # Z(4) changes sign under the flip
    assert sum(terms.values()) == pytest.approx(1)
    assert averaged(Operator({}), group).terms == {}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SymmetricSpace(spins(4, 0.5, 1), flip(4)), "magnetization 0"),
        (lambda: SymmetricSpace(spins(3), translations(hypercubic((3,))), np.array([1, -1, 1])), "character"),
        (lambda: SymmetricSpace(spins(2, 0.5, 1), translations(hypercubic((2,))), np.array([1, -1])), "found none"),
        (lambda: SymmetricSpace(fermions(2, (1, 0), spinful=True), direct_product(flip(4), flip(4))), "conserved"),
        (lambda: momentum(hypercubic((4, 4)), (1,)), "2 wave numbers"),
        (lambda: generated(flip(3), flip(4)), "3, 4 sites"),
        (lambda: generated(*[transposition(9, i) for i in range(8)]), "at most 20,000"),
        (lambda: space_group(from_bonds(np.array([[0, 1]]), (2,), "pair")), "geometry"),
    ],
)
def test_mistakes_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def transposition(N, i):
    sites = np.arange(N)
    sites[[i, i + 1]] = i + 1, i
    return PermutationGroup(sites[None], np.zeros(1, bool))
