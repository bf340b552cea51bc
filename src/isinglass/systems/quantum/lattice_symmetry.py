# SPDX-License-Identifier: Apache-2.0
"""Translations, rotations and reflections as permutations of sites; momenta; symmetries of a Hamiltonian.

Conventions: U_g A(i) U_g† = A(p_g(i)); a state of momentum k has U_a ψ = exp(-i k·a) ψ, as Σ_r exp(ik·r) c†_r |0> does.
"""

import itertools

import numpy as np
from jaxtyping import Bool, Complex, Float, Int

from isinglass.symmetry.permutation_group import PermutationGroup
from isinglass.systems.graph import Graph, keeps_bonds
from isinglass.systems.quantum.hamiltonian import Hamiltonian, collected, word_text
from isinglass.systems.quantum.hilbert_space import HilbertSpace
from isinglass.systems.quantum.operator import Operator

__all__ = [
    "averaged",
    "broken_term",
    "check_symmetry",
    "momentum",
    "point_group",
    "positions",
    "space_group",
    "translations",
    "with_spin",
]

FAR = 1000.0  # period of an open axis, in units of its length
ROOT_3 = 3**0.5


def translations(graph: Graph) -> PermutationGroup:
    """All shifts of the array of sites that map bonds to bonds, including the exchange of the legs of a ladder.

    Law: they commute; an open lattice has only the identity.
    """
    return PermutationGroup(*without_flips(np.array([move for _, move in shifts(graph)])))


def momentum(graph: Graph, wave: tuple[int, ...]) -> Complex[np.ndarray, " G"]:
    """The character exp(-i k·a) of each of the `translations`, k = 2π wave / shape."""
    if len(wave) != len(graph.shape):
        raise ValueError(f"Expected {len(graph.shape)} wave numbers for shape {graph.shape}, found {wave}; add them.")
    a = np.array([shift for shift, _ in shifts(graph)])
    return np.exp(-2j * np.pi * (a * np.array(wave) / np.array(graph.shape)).sum(axis=1))


def shifts(graph: Graph) -> list[tuple[tuple[int, ...], Int[np.ndarray, " N"]]]:
    """(a, permutation) of every translation, the identity first."""
    sites = np.arange(graph.n_sites).reshape(graph.shape)
    every = itertools.product(*map(range, graph.shape))
    moves = [(a, np.roll(sites, [-x for x in a], range(sites.ndim)).ravel()) for a in every]
    return [(a, move) for a, move in moves if keeps_bonds(graph, move)]


def without_flips(sites: Int[np.ndarray, "G N"]) -> tuple[Int[np.ndarray, "G N"], Bool[np.ndarray, " G"]]:
    """The permutations, with False for each: no element flips the levels."""
    return sites.astype(np.int64), np.zeros(len(sites), bool)


def positions(graph: Graph) -> tuple[Float[np.ndarray, "N D"], Float[np.ndarray, "D D"], Float[np.ndarray, " D"]]:
    """Coordinates of the sites, the periods as rows (very long along an open axis), and a center of high symmetry.

    Errors: ValueError for a graph without geometry.
    """
    site = np.indices(graph.shape).reshape(len(graph.shape), -1).T.astype(float)
    steps, offset, center = np.eye(len(graph.shape)), 0.0, np.zeros(len(graph.shape))
    oblique = np.array([[1.0, 0.0], [0.5, ROOT_3 / 2]])
    if graph.name == "triangular":
        steps = oblique
    elif graph.name == "kagome":  # A at 0, B and C half-way along the sides; centered on a hexagon
        offset = np.array([np.zeros(2), *oblique / 2])[site[:, 2].astype(int)]
        steps, center = oblique, oblique.mean(axis=0)
    elif graph.name == "honeycomb":  # rows displaced by ±1/4; centered on a hexagon
        steps, center = np.diag([1.5, ROOT_3 / 2]), np.array([0.75, ROOT_3 / 2])
        offset = np.outer(np.where(site.sum(axis=1) % 2, -0.25, 0.25), [1.0, 0.0])
    elif graph.name not in ("chain", "square", "cubic", "hypercubic", "ladder"):
        raise ValueError(f"Expected a lattice with a geometry, found a {graph.name}; give its permutations yourself.")
    D = len(steps)
    x = site[:, :D] @ steps + offset
    around = [any(shift[axis] for shift, _ in shifts(graph)) and graph.shape[axis] > 1 for axis in range(D)]
    if graph.name == "ladder":
        around[1] = False
    periods = steps * np.where(around, graph.shape[:D], FAR * max(graph.shape))[:, None]
    return x, periods, center if all(around) else np.where(around, 0.0, x.mean(axis=0))


def isometries(D: int) -> list[Float[np.ndarray, "D D"]]:
    """Candidates R: in the plane rotations by multiples of 30° and reflections, else signed permutations of axes."""
    if D == 2:
        turns = [np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in np.arange(12) * np.pi / 6]
        return [R @ M for M in (np.eye(2), np.diag([1.0, -1.0])) for R in turns]
    signs = itertools.product((1.0, -1.0), repeat=D)
    return [np.eye(D)[list(axes)] * s for s in signs for axes in itertools.permutations(range(D))]


def space_group(graph: Graph) -> PermutationGroup:
    """Every isometry of the lattice, x -> R x + t, as a permutation of sites: translations, rotations, reflections.

    Law: each element maps bonds to bonds; 8 N elements on a square torus, 12 N on a triangular one, 2 N on a ring.
    """
    x, _, _ = positions(graph)
    return permutations_of(graph, [(R, x[j] - R @ x[0]) for R in isometries(x.shape[1]) for j in range(len(x))])


def point_group(graph: Graph, center: Float[np.ndarray, " D"] | None = None) -> PermutationGroup:
    """The isometries with a fixed center: C4v of a square torus about site 0, C6v about a hexagon."""
    x, _, middle = positions(graph)
    center = middle if center is None else np.asarray(center, float)
    return permutations_of(graph, [(R, center - R @ center) for R in isometries(x.shape[1])])


def permutations_of(graph: Graph, maps: list) -> PermutationGroup:
    """The permutations by those maps that take sites to sites, periods to periods and bonds to bonds, each once."""
    x, periods, _ = positions(graph)
    back = np.linalg.inv(periods)
    found = {}
    for R, t in maps:
        cell = periods @ R.T @ back
        if np.abs(cell - np.rint(cell)).max() > 1e-6:
            continue
        away = ((x @ R.T + t)[:, None] - x[None]) @ back
        near = (np.abs((away - np.rint(away)) @ periods) < 1e-6).all(axis=-1)
        if near.any(axis=1).all():
            move = near.argmax(axis=1)
            if keeps_bonds(graph, move):
                found[tuple(move.tolist())] = move
    return PermutationGroup(*without_flips(np.array([found[row] for row in sorted(found)])))


def with_spin(group: PermutationGroup) -> PermutationGroup:
    """The group acting on the modes of spinful fermions: i is up, N + i is down."""
    return PermutationGroup(np.hstack([group.sites, group.sites + group.sites.shape[1]]), group.flips)


def permuted(operator: Operator, move: Int[np.ndarray, " N"]) -> Operator:
    """U A U†: each letter A(i) becomes A(p(i))."""
    return Operator({tuple((a, int(move[i])) for a, i in word): c for word, c in operator.terms.items()})


FLIPPED = {"X": ("X", 1), "Y": ("Y", -1), "Z": ("Z", -1), "Sx": ("Sx", 1), "Sy": ("Sy", -1), "Sz": ("Sz", -1),
           "Sp": ("Sm", 1), "Sm": ("Sp", 1)}  # fmt: skip


def flipped(operator: Operator) -> Operator:
    """U A U† for the flip U of all spins."""
    total = Operator({})
    for word, c in operator.terms.items():
        sign = int(np.prod([FLIPPED[a][1] for a, _ in word]))
        total = total + Operator({tuple((FLIPPED[a][0], i) for a, i in word): sign * c})
    return total


def transformed(operator: Operator, group: PermutationGroup, g: int) -> Operator:
    """U_g A U_g† for element g: sites permuted, and spins flipped where g flips."""
    moved = permuted(operator, group.sites[g])
    return flipped(moved) if group.flips[g] else moved


def averaged(operator: Operator, group: PermutationGroup) -> Operator:
    """(1/|G|) Σ_g U_g A U_g†: has the same expectation in every state of a symmetric space, and maps it into itself."""
    total = sum((transformed(operator, group, g) for g in range(len(group))), Operator({}))
    return total / len(group)


def broken_term(operator: Operator, space: HilbertSpace, group: PermutationGroup) -> str | None:
    """A term of A - U_g A U_g† for some element, as text; None where A commutes with the group."""
    before, none = collected(operator, space), (0j, 0.0)
    for g in group.generators(group.table()):
        after = collected(transformed(operator, group, g), space)
        for word in before | after:
            (c, size), (there, its_size) = before.get(word, none), after.get(word, none)
            if abs(c - there) > 1e-10 * max(size, its_size):
                return f"{c:.6g} {word_text(word)} becomes {there:.6g}"
    return None


def check_symmetry(hamiltonian: Hamiltonian, group: PermutationGroup) -> None:
    """Check that the Hamiltonian commutes with the group.

    Errors: ValueError that names the term that does not, or the wrong number of sites.
    """
    space = hamiltonian.space
    if group.sites.shape[1] != space.n_sites:
        raise ValueError(
            f"Expected permutations of {space.n_sites} sites, found {group.sites.shape[1]}; use the Hamiltonian's "
            "lattice, and `with_spin` for fermions with spin."
        )
    if group.flips.any() and space.kind != "spin":
        raise ValueError(f"Expected a flip of spins, found {space.kind}s; leave it out.")
    broken = broken_term(hamiltonian.operator, space, group)
    if broken:
        raise ValueError(f"Expected a symmetry of the Hamiltonian, found that {broken}; leave out what breaks it.")
