# SPDX-License-Identifier: Apache-2.0
"""A Hamiltonian from a TOML file: its Hilbert space, an optional lattice, and terms in local operators.

kind = "spin"                    # or boson, fermion
sites = 12                       # or a [lattice]
magnetization = 0                # optional; particles for bosons and fermions; also S, cutoff, spinful
terms = ["0.5 X(0)", "J/2 Z(3) Z(7)"]
bond = "-J Z(i) Z(j)"            # once for each bond of the lattice; or [[bond]] with neighbor = 2
site = "-0.8 X(i)"               # once for each site
momentum = [0, 0]                # optional, on a lattice: wave numbers, k = 2π wave / shape
spin_flip = 1                    # optional: 1 or -1, eigenvalue of the flip of all spins
rotations = true                 # optional: state invariant under rotations and reflections

[constants]
J = 1.0                          # a number, a text such as "2 h", a list h(i), a matrix J(i, j)

[lattice]
name = "square"                  # chain, square, triangular, honeycomb, kagome, ladder ..., or none with bonds
shape = [4, 4]
periodic = true
bonds = [[0, 1], [1, 2, 0.5]]    # an arbitrary graph; a third number is the coupling

All entries and the grammar: docs/hamiltonian.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import CycleError, TopologicalSorter
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.data.hamiltonian_schema import (
    BondTable,
    BosonFile,
    FermionFile,
    HamiltonianTable,
    LatticeTable,
    SpinFile,
    hamiltonian_entries,
)
from isinglass.errors import InputError
from isinglass.run.document import read_toml
from isinglass.systems.graph import Graph, complete, from_bonds, kagome, ladder, make_lattice
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace, bosons, fermions, spins
from isinglass.systems.quantum.lattice_symmetry import check_symmetry
from isinglass.systems.quantum.neighbors import neighbor_pairs
from isinglass.systems.quantum.operator import Operator, added
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers, quantum_numbers
from isinglass.systems.quantum.template import Region, placed
from isinglass.systems.quantum.term import CONSTANT_NAME, RESERVED, Constants, TermParser

__all__ = ["QuantumProblem", "read_hamiltonian"]

MOST_SITES = 10_000
MOST_BONDS = 1_000_000
MOST_IN_GROUP = {"momentum": 400, "rotations": 144}  # sites, whose group is tabulated
CELL = {"kagome": 3, "ladder": 2}  # sites in a cell of `shape`
BondPairs = Int[np.ndarray, "B 2"]


class QuantumProblem(NamedTuple):
    """The Hamiltonian in a file, with its graph and quantum numbers."""

    hamiltonian: Hamiltonian
    graph: Graph | None
    numbers: QuantumNumbers | None  # of the state

    def unpacked(self) -> tuple[Hamiltonian, dict[str, Any]]:
        """The Hamiltonian, and the settings of `approximate` that go with it."""
        graph, sites = self.graph, self.hamiltonian.space.n_sites
        lattice = None if graph is None or prod(graph.shape) != sites else graph.shape
        return self.hamiltonian, {"lattice": lattice, "numbers": self.numbers}


def read_hamiltonian(path: Path) -> QuantumProblem:
    """The Hamiltonian of a file, its graph, and quantum numbers.

    Errors: InputError or ValueError of one line that names the entry.
    """
    entries = hamiltonian_entries(read_toml(path), str(path))
    try:
        graph = None if entries.lattice is None else lattice(entries.lattice, entries.sites)
        sites = entries.sites if graph is None else graph.n_sites
        if sites is None:
            raise InputError("a whole number of sites, or a [lattice]", "none", "give sites = 12, for example")
        check_number("sites", sites, MOST_SITES)
        hilbert_space = space(entries, sites)
        hamiltonian = Hamiltonian(operator(entries, graph, sites, hilbert_space), hilbert_space)
        return QuantumProblem(hamiltonian, graph, numbers(entries, graph, hamiltonian))
    except InputError as error:
        raise InputError(error.expected, f"{error.found}, in {path}", error.fix) from None
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


@contextmanager
def entry(name: str) -> Iterator[None]:
    """A context in which errors name the entry."""
    try:
        yield
    except InputError as error:
        raise InputError(f"{error.expected} in {name}", error.found, error.fix) from None


def check_number(what: str, number: int, most: int) -> None:
    """Errors: InputError for more than fit into memory."""
    if number > most:
        raise InputError(f"at most {most:,} {what}", f"{number:,}, too many for the memory", "make it smaller")


def lattice(table: LatticeTable, sites: int | None) -> Graph:
    """The graph of [lattice], by name and shape or by bonds."""
    if table.bonds is not None:
        named = [name for name in ("name", "shape", "periodic") if getattr(table, name) is not None]
        if named:
            raise InputError(
                "either bonds or a name with its shape in [lattice]", f"bonds and {named[0]}", "remove one"
            )
        pairs, _ = pairs_of(table.bonds, "lattice.bonds", sites)
        return from_bonds(pairs, (int(pairs.max()) + 1 if sites is None else sites,), "graph")
    if table.name is None or table.shape is None:
        missing = "name" if table.name is None else "shape"
        raise InputError('[lattice] with name = "chain" and shape = [12], or with bonds', f"no {missing}", "add it")
    graph = named_lattice(table.name, tuple(table.shape), table.periodic)
    if sites is not None and sites != graph.n_sites:
        found = f"sites = {sites} and a {table.name} of {graph.n_sites} sites"
        raise InputError("sites as the [lattice] has them", found, "remove sites, or change the shape")
    return graph


def named_lattice(name: str, shape: tuple[int, ...], periodic: bool | None) -> Graph:  # noqa: FBT001
    """A lattice by its name, checked for its size before it is made."""
    with entry("lattice.shape"):
        if name == "ladder" and len(shape) == 2 and shape[1] == 2:
            shape = (shape[0],)  # [4, 2]: four rungs, two legs
        sides = {"ladder": 1, "complete": 1, "kagome": 2}.get(name)
        if sides and len(shape) != sides:
            also = ", or [4, 2]" if name == "ladder" else ""
            raise InputError(
                f"{sides} side{'s' * (sides > 1)} for the {name} lattice{also}", f"{list(shape)}", "correct it"
            )
        check_number("sites", prod(shape) * CELL.get(name, 1), MOST_SITES)
        if name == "complete":
            check_number("bonds", shape[0] * (shape[0] - 1) // 2, MOST_BONDS)
        if periodic is None and 2 in shape and name in ("chain", "square", "cubic", "hypercubic"):
            raise InputError("periodic = true or false where a side is 2, since a periodic one has two bonds between "
                             "its sites", "no periodic", "say which")  # fmt: skip
    if name == "complete":
        if periodic is not None:
            raise InputError("no periodic for the complete lattice", f"{periodic}", "remove it")
        return complete(shape[0])
    around = periodic is not False
    if name == "ladder":
        return ladder(shape[0], periodic=around)
    if name == "kagome":
        return kagome((shape[0], shape[-1]), periodic=around)
    return make_lattice(name, shape, periodic=around)


def pairs_of(bonds: list[list[Any]], name: str, sites: int | None) -> tuple[BondPairs, Float[np.ndarray, " B"]]:
    """Pairs of sites, and the coupling of each, 1 where none is given.

    Errors: InputError for a bond of a site with itself, one given twice, or a site outside.
    """
    if not bonds:
        raise InputError(
            f"bonds as pairs of sites, [[0, 1], [1, 2]], in {name}", "none", "add them, or remove the entry"
        )
    check_number(f"bonds in {name}", len(bonds), MOST_BONDS)
    most, seen = MOST_SITES if sites is None else sites, {}
    for k, bond in enumerate(bonds):
        i, j = bond[:2]
        if not (isinstance(i, int) and isinstance(j, int) and i >= 0 and j >= 0):
            raise InputError(
                "two sites by number, and a coupling or nothing, for each bond", f"{name}[{k}] = {bond}", "fix it"
            )
        if i == j or max(i, j) >= most:
            expected = f"sites 0 to {most - 1:,}" if i != j else "two different sites"
            raise InputError(f"{expected} for each bond", f"{name}[{k}] = {bond}", "correct it")
        if (same := seen.setdefault((min(i, j), max(i, j)), k)) != k:
            raise InputError(
                "each bond once", f"{name}[{same}] and {name}[{k}] = {bond}", "remove one; [0, 1, 2.0] doubles it"
            )
    weights = np.array([bond[2] if len(bond) == 3 else 1.0 for bond in bonds])
    return np.array([bond[:2] for bond in bonds], np.int64), weights


def space(entries: HamiltonianTable, sites: int) -> HilbertSpace:
    """The Hilbert space of spins, bosons or fermions in a file."""
    if isinstance(entries, SpinFile):
        return spins(sites, entries.S, entries.magnetization)
    if isinstance(entries, BosonFile):
        return bosons(sites, entries.cutoff, entries.particles)
    if not isinstance(entries, FermionFile):
        raise TypeError(type(entries).__name__)
    particles = entries.particles
    pair = (particles[0], particles[1]) if isinstance(particles, list) else particles
    return fermions(sites, pair, spinful=is_spinful(entries))


def is_spinful(entries: HamiltonianTable) -> bool:
    """Whether each site has two modes: stated, or told by a pair of particle numbers."""
    if not isinstance(entries, FermionFile):
        return False
    return isinstance(entries.particles, list) if entries.spinful is None else entries.spinful


def numbers(entries: HamiltonianTable, graph: Graph | None, hamiltonian: Hamiltonian) -> QuantumNumbers | None:
    """Momentum, rotations and spin flip, if given.  Errors: ValueError where H does not have the symmetry."""
    spin_flip = (entries.spin_flip or 0) if isinstance(entries, SpinFile) else 0
    if entries.momentum is None and not entries.rotations and not spin_flip:
        return None
    if graph is None:
        raise InputError("a [lattice] for momentum, rotations and spin_flip", "none", "add one, or leave these out")
    for name, most in MOST_IN_GROUP.items():
        if getattr(entries, name):
            check_number(f"sites for {name}", graph.n_sites, most)
    wave = None if entries.momentum is None else tuple(entries.momentum)
    found = quantum_numbers(graph, hamiltonian.space, wave=wave, spin_flip=spin_flip, rotations=entries.rotations)
    check_symmetry(hamiltonian, found.whole()[0])
    return found


def operator(entries: HamiltonianTable, graph: Graph | None, sites: int, hilbert_space: HilbertSpace) -> Operator:
    """The sum of all terms, with those of bonds and sites at each of them."""
    constants = constants_of(entries.constants, sites)
    read = parser(entries.constants, constants)
    region = Region(sites, hilbert_space.kind, is_spinful(entries), boundary(entries, graph))
    total: dict[Any, complex] = {}
    for name, text, letters, rows, weights in templates(entries, graph, sites):
        with entry(name):
            for word, c in placed(read(text), region, constants, rows, letters, weights).items():
                total[word] = added(total.get(word, 0j), c)
    found = Operator(total)
    if not found.terms:
        raise InputError(
            "terms, a bond term or a site term", "none, or a sum of zero", 'add terms = ["Z(0) Z(1)"], say'
        )
    return found


def boundary(entries: HamiltonianTable, graph: Graph | None) -> Any:
    """Whether i+1 has a meaning, and goes around."""
    if graph is None or graph.name != "chain":
        return "none"
    return "open" if entries.lattice and entries.lattice.periodic is False else "periodic"


def templates(entries: HamiltonianTable, graph: Graph | None, sites: int) -> Iterator[tuple]:
    """(entry, text, letters, places, weights) of each term."""
    for k, text in enumerate([entries.terms] if isinstance(entries.terms, str) else entries.terms):
        yield (f"terms[{k}]" if isinstance(entries.terms, list) else "terms"), text, "", [()], None
    if entries.site is not None:
        yield "site", entries.site, "i", [(i,) for i in range(sites)], None
    tables = [BondTable(term=entries.bond)] if isinstance(entries.bond, str) else entries.bond
    for k, table in enumerate(tables):
        name = "bond" if isinstance(entries.bond, str) else f"bond[{k}]"
        pairs, weights = bonds_of(table, name, entries, graph, sites)
        yield name, table.term, "ij", pairs.tolist(), weights.tolist()


def bonds_of(
    table: BondTable, name: str, entries: HamiltonianTable, graph: Graph | None, sites: int
) -> tuple[BondPairs, Float[np.ndarray, " B"]]:
    """The pairs that a bond term stands for, with their couplings."""
    if table.bonds is not None:
        if table.neighbor is not None:
            raise InputError(f"either bonds or neighbor in {name}", "both", "remove one")
        return pairs_of(table.bonds, f"{name}.bonds", sites)
    if graph is None or entries.lattice is None:
        raise InputError(f"a [lattice] for {name}", "none", "add one with its name and shape, or with bonds")
    if table.neighbor in (None, 1):
        if entries.lattice.bonds is not None:
            return pairs_of(entries.lattice.bonds, "lattice.bonds", sites)
        return graph.bonds, np.ones(graph.n_bonds)
    with entry(f"{name}.neighbor"):
        pairs = neighbor_pairs(graph, table.neighbor or 1)
    return pairs, np.ones(len(pairs))


def constants_of(table: dict[str, Any], sites: int) -> Constants:
    """The values of [constants]: numbers, texts in terms of each other, a list or a matrix over the sites."""
    for name in table:
        if not CONSTANT_NAME.fullmatch(name) or name in RESERVED:
            expected = "a name of your own for a constant, of letters and digits"
            raise InputError(expected, f"constants.{name}"[:60], "choose another, which no operator or site has")
    found: dict[str, Any] = {}
    read = parser(table, found)
    known = {name: CONSTANT_NAME.findall(value) if isinstance(value, str) else [] for name, value in table.items()}
    try:
        order = [name for name in TopologicalSorter(known).static_order() if name in table]
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise InputError(
            "constants that do not depend on themselves", circle[:200], "give one of them a number"
        ) from None
    for name in order:
        with entry(f"constants.{name}"):
            found[name] = constant(table[name], sites, read)
    return found


def parser(table: dict[str, Any], constants: Constants) -> TermParser:
    """The parser with the constants of a table, of which lists are indexed by sites."""
    return TermParser(constants, [name for name, value in table.items() if isinstance(value, list)])


def constant(value: Any, sites: int, read: TermParser) -> Any:
    """A number, or an array of one or two axes over the sites."""
    if isinstance(value, str):
        terms = read(value).terms
        if any(word for word in terms):
            raise InputError("a number", f"{value[:60]!r}, an operator", "write it in a term")
        return terms.get((), 0j)
    if not isinstance(value, list):
        return complex(value)
    rows = [len(row) if isinstance(row, list) else 0 for row in value]
    if len(value) != sites or (any(rows) and set(rows) != {sites}):
        found = f"{len(value)} rows of {min(rows)} to {max(rows)}" if any(rows) else f"{len(value)} numbers"
        raise InputError(f"{sites} numbers h(i), or a matrix J(i, j) of {sites} x {sites}", found, "one for each site")
    return np.array(value, float)
