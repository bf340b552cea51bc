# SPDX-License-Identifier: Apache-2.0
"""Lattices and graphs as neighbor tables: which sites interact; periodic in every direction by default."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from numbers import Integral
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Int, Shaped

from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.symmetry.lattice import PointGroup, Translation, unit_steps
from isinglass.symmetry.symmetry import AbstractSymmetry

__all__ = [
    "LATTICES",
    "Graph",
    "complete",
    "from_bonds",
    "honeycomb",
    "hypercubic",
    "kagome",
    "ladder",
    "make_lattice",
    "shifted",
    "triangular",
]

BYTES_PER_BOND = 64  # of its two entries in the tables, and of what sorts them


class Graph(eqx.Module):
    """Sites, bonds and colors.  Law: no bond joins two sites of one color, so that these may be updated at once.

    Site i of an array of this shape is its i-th element in C order.  Rows shorter than the table are padded with the
    site N (neighbors, colors) and the bond B (neighbor_bonds), which do not exist.
    """

    neighbors: Int[np.ndarray, "N z"]  # the sites next to each site
    neighbor_bonds: Int[np.ndarray, "N z"]  # the bond to each neighbor
    bonds: Int[np.ndarray, "B 2"]  # each bond once
    colors: Int[np.ndarray, "colors sites_per_color"]  # the sites of each color
    shape: tuple[int, ...] = eqx.field(static=True)
    name: str = eqx.field(static=True)
    offsets: tuple[tuple[int, ...], ...] = eqx.field(
        static=True, default=()
    )  # the bonds join every site to the sites at these

    def ends(self, x: Shaped[Array, "*site"]) -> tuple[Shaped[Array, " B"], Shaped[Array, " B"]]:
        """(x_i, x_j) for each bond ij; on regular lattices by shifts, six times faster than by indices."""
        if not self.offsets:
            i, j = jnp.asarray(self.bonds).T
            return x.reshape(-1)[i], x.reshape(-1)[j]
        there = [shifted.reshape(-1) for shifted in self.neighbors_of(x.reshape(self.shape))]
        return jnp.tile(x.reshape(-1), len(there)), jnp.concatenate(there)

    def neighbors_of(self, x: Shaped[Array, "*site"]) -> list[Shaped[Array, "*site"]]:
        """x shifted by each offset: the second ends of the bonds, in the order of `bonds`; empty without offsets."""
        moves = [[(-o, axis) for axis, o in enumerate(offset) if o] for offset in self.offsets]
        return [jnp.roll(x, *zip(*move, strict=True)) for move in moves]

    @property
    def symmetries(self) -> tuple[AbstractSymmetry, ...]:
        """Permutations of sites that map bonds to bonds: translations, and the point group of a hypercubic lattice."""
        units = unit_steps(len(self.shape))
        if self.offsets:
            return (Translation(units), *((PointGroup(self.shape),) if self.offsets == units else ()))
        sites = np.arange(self.n_sites).reshape(self.shape)
        steps = [a for a in itertools.product(range(3), repeat=len(self.shape)) if any(a)]
        kept = tuple(a for a in steps if keeps_bonds(self, np.roll(sites, [-x for x in a], range(sites.ndim)).ravel()))
        return (Translation(kept),) if kept else ()

    @property
    def n_sites(self) -> int:
        """N, the number of sites."""
        return self.neighbors.shape[0]

    @property
    def n_bonds(self) -> int:
        """B, the number of bonds."""
        return self.bonds.shape[0]


def from_bonds(
    bonds: Int[np.ndarray, "B 2"], shape: tuple[int, ...], name: str, color: Callable | None = None
) -> Graph:
    """The tables of a graph from its list of bonds; `color(*site)` colors a site, by default greedily."""
    n, n_bonds = int(np.prod(shape)), len(bonds)
    ends = np.concatenate([bonds, bonds[:, ::-1]])
    which = np.tile(np.arange(n_bonds), 2)
    order = np.argsort(ends[:, 0], kind="stable")
    start, end, which = ends[order, 0], ends[order, 1], which[order]
    degree = np.bincount(start, minlength=n)
    column = np.arange(len(start)) - np.repeat(np.cumsum(degree) - degree, degree)
    neighbors = np.full((n, degree.max()), n, np.int32)
    neighbor_bonds = np.full((n, degree.max()), n_bonds, np.int32)
    neighbors[start, column], neighbor_bonds[start, column] = end, which
    label = greedy_coloring(neighbors) if color is None else color(*np.unravel_index(np.arange(n), shape))
    if (label[bonds[:, 0]] == label[bonds[:, 1]]).any():
        label = greedy_coloring(neighbors)
    return Graph(neighbors, neighbor_bonds, bonds.astype(np.int32), color_classes(label), shape, name)


def greedy_coloring(neighbors: Int[np.ndarray, "N z"]) -> Int[np.ndarray, " N"]:
    """Give each site the smallest color that no neighbor has: at most z + 1 colors."""
    label = np.full(len(neighbors) + 1, -1)
    for i, row in enumerate(neighbors):
        taken = set(label[row])
        label[i] = next(c for c in itertools.count() if c not in taken)
    return label[:-1]


def color_classes(label: Int[np.ndarray, " N"]) -> Int[np.ndarray, "colors sites_per_color"]:
    """The sites of each color, padded with N."""
    classes = [np.flatnonzero(label == c) for c in range(label.max() + 1)]
    table = np.full((len(classes), max(map(len, classes))), len(label), np.int32)
    for row, sites in zip(table, classes, strict=True):
        row[: len(sites)] = sites
    return table


def from_offsets(offsets, shape: tuple[int, ...], name: str, color: Callable, *, periodic: bool = True) -> Graph:
    """The graph in which every site has bonds to the sites at these offsets."""
    bonds = np.concatenate([shifted(shape, offset, periodic=periodic) for offset in offsets])
    return replace(from_bonds(bonds, shape, name, color), offsets=tuple(offsets) if periodic else ())


def shifted(shape: tuple[int, ...], offset: tuple[int, ...], *, periodic: bool = True) -> Int[np.ndarray, "B 2"]:
    """Bonds from every site to the site at `offset`: around the torus, or inside an open lattice."""
    here = np.indices(shape).reshape(len(shape), -1)
    there = here + np.array(offset)[:, None]
    inside = ((there >= 0) & (there < np.array(shape)[:, None])).all(axis=0) | periodic
    ends = [np.ravel_multi_index(list(site[:, inside]), shape, mode="wrap") for site in (here, there)]
    return np.stack(ends, axis=1)


def hypercubic(shape: tuple[int, ...], *, periodic: bool = True) -> Graph:
    """Chain, square, cubic ... lattice, z = 2d; two colors where every side is even."""
    shape = check_sides(shape, at_least=2)
    offsets = [tuple(row) for row in np.eye(len(shape), dtype=int).tolist()]
    name = {1: "chain", 2: "square", 3: "cubic"}.get(len(shape), "hypercubic")
    return from_offsets(offsets, shape, name, lambda *site: sum(site) % 2, periodic=periodic)


def triangular(shape: tuple[int, ...], *, periodic: bool = True) -> Graph:
    """Triangular lattice, z = 6: the square lattice with one diagonal, (i, j) - (i+1, j-1); three colors if 3 | L."""
    check_sides(shape, at_least=3, dimension=2)
    offsets = ((1, 0), (0, 1), (1, -1))
    return from_offsets(offsets, shape, "triangular", lambda i, j: (i + 2 * j) % 3, periodic=periodic)


def ladder(length: int, *, periodic: bool = True) -> Graph:
    """Two chains with rungs, site 2i + leg; the legs are rings where periodic."""
    check_sides((length,), at_least=3)
    sites = np.arange(2 * length).reshape(length, 2)
    legs = shifted((length, 2), (1, 0), periodic=periodic) if periodic else np.stack([sites[:-1], sites[1:]], -1)
    return from_bonds(np.concatenate([legs.reshape(-1, 2), sites]), (length, 2), "ladder")


def kagome(shape: tuple[int, int], *, periodic: bool = True) -> Graph:
    """Kagome lattice, z = 4: three sites A, B, C in a cell, which form a triangle.

    Between cells: A(i, j) with B(i-1, j) and C(i, j-1), B(i, j) with C(i+1, j-1).
    """
    check_sides(shape, at_least=2, dimension=2)
    cells = np.arange(int(np.prod(shape)))
    bonds = [3 * cells[:, None] + np.array(pair) for pair in ((0, 1), (0, 2), (1, 2))]
    for first, second, offset in ((0, 1, (-1, 0)), (0, 2, (0, -1)), (1, 2, (1, -1))):
        bonds.append(3 * shifted(shape, offset, periodic=periodic) + np.array([first, second]))
    return from_bonds(np.concatenate(bonds), (*shape, 3), "kagome")


def honeycomb(shape: tuple[int, ...], *, periodic: bool = True) -> Graph:
    """Honeycomb lattice, z = 3, as a brick wall: (i, j) - (i, j+1) always, (i, j) - (i+1, j) where i + j is even."""
    check_sides(shape, at_least=4 if periodic else 2, dimension=2)
    if periodic and (shape[0] % 2 or shape[1] % 2):
        raise ValueError(f"A honeycomb lattice needs even sides, got shape {shape}; use for example (24, 24).")
    down = shifted(shape, (1, 0), periodic=periodic)
    i, j = np.unravel_index(down[:, 0], shape)
    bonds = np.concatenate([shifted(shape, (0, 1), periodic=periodic), down[(i + j) % 2 == 0]])
    return from_bonds(bonds, shape, "honeycomb", lambda i, j: (i + j) % 2)


def complete(n: int) -> Graph:
    """The complete graph: a bond between every two sites, B = N (N - 1) / 2."""
    check_sides((n,), at_least=2)
    require_memory("graphs", BYTES_PER_BOND * n * (n - 1) // 2, f"{n:,} sites, each joined to each", "use fewer sites")
    return from_bonds(np.stack(np.triu_indices(n, 1), axis=1), (n,), "complete")


def sides_of(shape: Any) -> tuple[Any, ...]:
    """The sides that were given: a tuple; one number is a chain.  Errors: InputError for what holds none."""
    if isinstance(shape, str | bytes | Mapping) or not isinstance(shape, Iterable):
        if not isinstance(shape, Integral) or isinstance(shape, bool):
            raise InputError("the sides of a lattice", repr(shape)[:60], "write for example (16, 16)")
        return (int(shape),)
    return tuple(shape)


def check_sides(shape: tuple[int, ...], at_least: int, dimension: int | None = None) -> tuple[int, ...]:
    """The sides of a lattice as plain integers.

    Errors: ValueError for a wrong number of sides, one that is no whole number or too short, or more sites than fit
    into memory.
    """
    if not shape or (dimension and len(shape) != dimension):
        raise ValueError(
            f"This lattice needs {dimension or 'one or more'} sides, got shape {shape}; use e.g. (16, 16)."
        )
    whole = all(isinstance(side, Integral) and not isinstance(side, bool) for side in shape)
    if not whole or min(shape) < at_least:
        raise ValueError(f"A lattice needs sides of at least {at_least}, got shape {shape}; choose larger, whole ones.")
    sides = tuple(int(side) for side in shape)
    named = " x ".join(map(str, sides))
    require_memory("lattices", BYTES_PER_BOND * len(sides) * math.prod(sides), f"{named} sites", "choose smaller ones")
    return sides


LATTICES: dict[str, Callable[..., Graph]] = {
    "square": hypercubic,
    "cubic": hypercubic,
    "chain": hypercubic,
    "hypercubic": hypercubic,
    "triangular": triangular,
    "honeycomb": honeycomb,
}
DIMENSION = {"chain": 1, "square": 2, "cubic": 3, "triangular": 2, "honeycomb": 2}


def make_lattice(lattice: str, shape: tuple[int, ...], *, periodic: bool = True) -> Graph:
    """A lattice by its name.  Errors: ValueError for an unknown name, or one with another number of sides."""
    if not isinstance(lattice, str) or lattice not in LATTICES:
        raise ValueError(f"Expected a lattice among {', '.join(LATTICES)}, got {lattice!r}; choose one of them.")
    if len(shape) != DIMENSION.get(lattice, len(shape)):
        raise ValueError(
            f"The {lattice} lattice needs {DIMENSION[lattice]} sides, got shape {shape}; "
            "give as many sides or use lattice='hypercubic'."
        )
    return LATTICES[lattice](tuple(shape), periodic=periodic)


def keeps_bonds(graph: Graph, move: Int[np.ndarray, " N"]) -> bool:
    """Whether the permutation is an automorphism: it maps bonds to bonds of the same multiplicity."""
    before, after = (
        np.sort(ends, axis=1) @ [graph.n_sites, 1] for ends in (graph.bonds.astype(int), move[graph.bonds])
    )
    return np.array_equal(np.sort(before), np.sort(after))


def is_proper(graph: Graph) -> bool:
    """Whether no bond joins two sites of one color."""
    label = np.full(graph.n_sites + 1, -1)
    for color, sites in enumerate(graph.colors):
        label[sites] = color
    return bool(np.all(label[graph.bonds[:, 0]] != label[graph.bonds[:, 1]]))
