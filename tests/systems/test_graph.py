# SPDX-License-Identifier: Apache-2.0
"""Lattices: coordination, bonds, colors; enumerated energies against independent code."""

import numpy as np
import pytest

from isinglass.systems.graph import complete, from_bonds, honeycomb, hypercubic, is_proper, make_lattice, triangular

LATTICES = [
    (hypercubic((8,)), 2, 2),
    (hypercubic((4, 6)), 4, 2),
    (hypercubic((4, 4, 4)), 6, 2),
    (hypercubic((3, 5)), 4, None),
    (triangular((6, 9)), 6, 3),
    (triangular((4, 5)), 6, None),
    (honeycomb((4, 6)), 3, 2),
    (complete(5), 4, 5),
]


@pytest.mark.parametrize(("graph", "z", "colors"), LATTICES, ids=lambda g: getattr(g, "name", g))
def test_every_site_has_z_neighbors_of_other_colors(graph, z, colors):
    assert graph.neighbors.shape == (graph.n_sites, z)
    assert graph.n_bonds == graph.n_sites * z // 2
    assert is_proper(graph)
    assert sorted(i for row in graph.colors for i in row if i < graph.n_sites) == list(range(graph.n_sites))
    if colors is not None:
        assert len(graph.colors) == colors


@pytest.mark.parametrize(("graph", "z", "colors"), LATTICES, ids=lambda g: getattr(g, "name", g))
def test_neighbor_table_and_bond_list_say_the_same(graph, z, colors):
    for i, (row, bonds) in enumerate(zip(graph.neighbors, graph.neighbor_bonds, strict=True)):
        assert all({i, j} == set(graph.bonds[b]) or i == j for j, b in zip(row, bonds, strict=True))


def test_triangles_of_the_triangular_lattice():
    """Each site of it belongs to six triangles, of the square lattice to none: trace of A^3 counts them."""

    def closed_walks_of_three(graph):
        a = np.zeros((graph.n_sites, graph.n_sites))
        np.add.at(a, (np.repeat(np.arange(graph.n_sites), graph.neighbors.shape[1]), graph.neighbors.ravel()), 1)
        return np.trace(a @ a @ a) / graph.n_sites

    assert closed_walks_of_three(triangular((6, 6))) == 12
    assert closed_walks_of_three(hypercubic((6, 6))) == 0
    assert closed_walks_of_three(honeycomb((6, 6))) == 0


def test_planted_error_two_neighbors_of_one_color_are_noticed():
    bad = from_bonds(np.array([[0, 1], [1, 2], [2, 0]]), (3,), "triangle", lambda i: i % 2)
    assert is_proper(bad)  # the impossible coloring was replaced
    assert len(bad.colors) == 3


@pytest.mark.parametrize(
    ("lattice", "shape"),
    [
        ("square", (1, 4)),
        ("square", (4,)),
        ("cubic", (4, 4)),
        ("honeycomb", (5, 4)),
        ("kagome", (4, 4)),
        ("square", ()),
    ],
)
def test_what_is_no_lattice_is_refused(lattice, shape):
    with pytest.raises(ValueError, match=r"got|found"):
        make_lattice(lattice, shape)
