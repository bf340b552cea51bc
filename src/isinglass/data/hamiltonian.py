# SPDX-License-Identifier: Apache-2.0
"""A Hamiltonian from a TOML file: its Hilbert space, an optional lattice, and terms in local operators.

kind = "spin"                    # or boson, fermion
sites = 12                       # or a [lattice]
magnetization = 0                # optional; particles for bosons and fermions; also S, cutoff, spinful
terms = ["0.5 X(0)", "Z(3) Z(7)"]
bond = "-1.0 Z(i) Z(j)"          # once for each bond of the lattice
site = "-0.8 X(i)"               # once for each site
momentum = [0, 0]                # optional, on a lattice: wave numbers, k = 2π wave / shape
spin_flip = 1                    # optional: 1 or -1, eigenvalue of the flip of all spins
rotations = true                 # optional: state invariant under rotations and reflections

[lattice]
name = "square"                  # chain, square, triangular, honeycomb, kagome, ladder, or none with bonds
shape = [4, 4]
periodic = true
bonds = [[0, 1], [1, 2]]         # an arbitrary graph
"""

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from isinglass.errors import InputError
from isinglass.run.input.regular_file import file_size
from isinglass.systems.graph import LATTICES, Graph, from_bonds, kagome, ladder
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace, bosons, fermions, spins
from isinglass.systems.quantum.lattice_symmetry import check_symmetry
from isinglass.systems.quantum.operator import Operator, parse
from isinglass.systems.quantum.quantum_numbers import QuantumNumbers, quantum_numbers

__all__ = ["QuantumProblem", "read_hamiltonian"]

KEYS = {"kind", "sites", "magnetization", "particles", "S", "cutoff", "spinful", "terms", "bond", "site", "lattice",
        "momentum", "spin_flip", "rotations"}  # fmt: skip


class QuantumProblem(NamedTuple):
    """The Hamiltonian in a file, with its graph and quantum numbers."""

    hamiltonian: Hamiltonian
    graph: Graph | None
    numbers: QuantumNumbers | None  # of the state


def read_hamiltonian(path: Path) -> QuantumProblem:
    """The Hamiltonian of a file, its graph, and quantum numbers.

    Errors: InputError or ValueError that names the entry.
    """
    file_size(path, "a TOML file")
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("a TOML file", f"{path}: {error}", "fix the line that it names") from None
    odd = sorted(set(content) - KEYS)
    if odd:
        raise InputError(f"entries among {', '.join(sorted(KEYS))}", f"{odd[0]!r} in {path}", "remove or rename it")
    try:
        graph = lattice(content["lattice"]) if "lattice" in content else None
        sites = content.get("sites", None if graph is None else graph.n_sites)
        if not isinstance(sites, int):
            raise InputError("a whole number of sites, or a [lattice]", repr(sites), "give sites = 12, for example")
        hamiltonian = Hamiltonian(operator(content, graph, sites), space(content, sites))
        return QuantumProblem(hamiltonian, graph, numbers(content, graph, hamiltonian))
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: {error}") from None


def lattice(entry: dict[str, Any]) -> Graph:
    """The graph of the [lattice] entry, by name and shape or by bonds."""
    if "bonds" in entry:
        bonds = np.asarray(entry["bonds"])
        if bonds.ndim != 2 or bonds.shape[1] != 2 or bonds.dtype.kind != "i" or (bonds < 0).any():
            raise InputError("bonds as pairs of sites, [[0, 1], [1, 2]]", f"shape {bonds.shape}", "fix [lattice]")
        return from_bonds(bonds, (int(bonds.max()) + 1,), "graph")
    makers: dict[str, Any] = LATTICES | {"kagome": kagome, "ladder": lambda shape, **k: ladder(*shape, **k)}
    name = entry.get("name")
    if name not in makers:
        raise InputError(f"a lattice among {', '.join(makers)}", repr(name), "or give its bonds")
    options = {} if entry.get("periodic", True) else {"periodic": False}
    return makers[name](tuple(entry["shape"]), **options)


def space(content: dict[str, Any], sites: int) -> HilbertSpace:
    """The Hilbert space of spins, bosons or fermions in a file."""
    kind, particles = content.get("kind", "spin"), content.get("particles")
    if kind == "spin":
        return spins(sites, content.get("S", 0.5), content.get("magnetization"))
    if kind == "boson":
        return bosons(sites, content.get("cutoff", 4), particles)
    if kind == "fermion":
        pair = tuple(particles) if isinstance(particles, list) else particles
        return fermions(sites, pair, spinful=content.get("spinful", isinstance(pair, tuple)))
    raise InputError("kind spin, boson or fermion", repr(kind), "choose one of them")


def numbers(content: dict[str, Any], graph: Graph | None, hamiltonian: Hamiltonian) -> QuantumNumbers | None:
    """Momentum, rotations and spin flip, if given.  Errors: ValueError where H does not have the symmetry."""
    wave, rotations, parity = content.get("momentum"), content.get("rotations", False), content.get("spin_flip", 0)
    if wave is None and not rotations and not parity:
        return None
    if graph is None:
        raise InputError("a [lattice] for momentum, rotations and spin_flip", "none", "add one, or leave these out")
    wave = None if wave is None else tuple(wave)
    found = quantum_numbers(graph, hamiltonian.space, wave=wave, spin_flip=parity, rotations=rotations)
    check_symmetry(hamiltonian, found.whole()[0])
    return found


def operator(content: dict[str, Any], graph: Graph | None, sites: int) -> Operator:
    """The sum of all terms, with those of bonds and sites expanded."""
    terms = content.get("terms", [])
    total = Operator({})
    for text in [terms] if isinstance(terms, str) else terms:
        total = total + parse(text)
    if "bond" in content:
        if graph is None:
            raise InputError("a [lattice] for the bond term", "none", "add one with its name and shape")
        for i, j in graph.bonds.tolist():
            total = total + parse(placed(content["bond"], i, j))
    if "site" in content:
        for i in range(sites):
            total = total + parse(placed(content["site"], i))
    if not total.terms:
        raise InputError("terms, a bond term or a site term", "none", 'add terms = ["Z(0) Z(1)"], for example')
    return total


def placed(text: str, i: int, j: int | None = None) -> str:
    """A term with the letters i and j in parentheses replaced by sites."""
    where = {"i": i} | ({} if j is None else {"j": j})
    return re.sub(r"\(\s*([ij])\s*\)", lambda m: f"({where[m[1]]})" if m[1] in where else m[0], text)
