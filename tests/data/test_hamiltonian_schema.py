# SPDX-License-Identifier: Apache-2.0
"""Hamiltonian files: every fault is one line that names it; what they can say is held against independent matrices."""

import gc
import os
import re
import textwrap
from pathlib import Path

import jax
import numpy as np
import pytest
from tests.data.hostile_hamiltonians import CHAIN, HOSTILE

from isinglass import approximate
from isinglass.approximation.exact.exact_diagonalization import dense
from isinglass.approximation.variational.ground_state import exact_energy
from isinglass.data.hamiltonian import read_hamiltonian
from isinglass.data.hamiltonian_schema import BosonFile, FermionFile, LatticeTable, SpinFile
from isinglass.systems.graph import complete, from_bonds, honeycomb, hypercubic, kagome, ladder, triangular
from isinglass.systems.quantum.heisenberg import heisenberg, j1_j2
from isinglass.systems.quantum.hubbard import bose_hubbard, hubbard, t_v
from isinglass.systems.quantum.neighbors import neighbor_pairs
from isinglass.systems.quantum.operator import LETTERS, Operator, X, Z
from isinglass.systems.quantum.term import FUNCTIONS, parse
from isinglass.systems.quantum.transverse_field_ising import long_range_ising, transverse_field_ising


def read(tmp_path, text):
    """The problem in a file of this text."""
    path = tmp_path / "h.toml"
    path.write_text(text, encoding="utf-8")
    return read_hamiltonian(path)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_fault_is_one_line_that_names_it(tmp_path, name):
    text, message = HOSTILE[name]
    with pytest.raises(ValueError, match=message) as caught:
        read(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
    assert str(tmp_path / "h.toml") in str(caught.value)


def test_the_table_of_faults_is_long():
    assert len(HOSTILE) >= 60


def test_files_that_are_none(tmp_path):
    """A folder, a pipe, nothing, bytes that are no UTF-8; a byte-order mark is none of these."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "bytes").write_bytes(b"sites = 2 # \xff\xfe")
    for name, message in {".": "a folder", "pipe": "FIFO", "link": "nowhere", "none": "no such file",
                          "bytes": "utf-8", "n" * 300: "name too long", "a\0b": "null"}.items():  # fmt: skip
        with pytest.raises(ValueError, match=message) as caught:
            read_hamiltonian(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert read(tmp_path, '\ufeffsites = 2\nterms = ["Z(0) Z(1)"]').hamiltonian.operator == Z(0) @ Z(1)


def test_the_schemas_survive_the_garbage_collector(tmp_path):
    """msgspec 0.22 crashes for `Annotated[int, ...] | tuple[...]` in a record when garbage is collected."""
    for text, _ in list(HOSTILE.values())[::6]:
        with pytest.raises(ValueError, match="."):
            read(tmp_path, text)
        gc.collect()


J = np.random.default_rng(0).normal(size=(4, 4))
J = np.round(J + J.T - np.diag(2 * np.diag(J)), 3)
h = [0.5, -1.0, 2.0, 0.25]
HEISENBERG = "Sz(i) Sz(j) + 1/2 (Sp(i) Sm(j) + Sm(i) Sp(j))"
HOPPING = "-t (cdag(i, s) c(j, s) + cdag(j, s) c(i, s))"
LATTICES = {
    "chain": ('name = "chain"\nshape = [5]', hypercubic((5,))),
    "open chain": ('name = "chain"\nshape = [5]\nperiodic = false', hypercubic((5,), periodic=False)),
    "square": ('name = "square"\nshape = [3, 4]', hypercubic((3, 4))),
    "two sites": ('name = "chain"\nshape = [2]\nperiodic = false', hypercubic((2,), periodic=False)),
    "cubic": ('name = "cubic"\nshape = [3, 3, 3]', hypercubic((3, 3, 3))),
    "triangular": ('name = "triangular"\nshape = [3, 3]', triangular((3, 3))),
    "honeycomb": ('name = "honeycomb"\nshape = [4, 4]', honeycomb((4, 4))),
    "open honeycomb": ('name = "honeycomb"\nshape = [3, 3]\nperiodic = false', honeycomb((3, 3), periodic=False)),
    "kagome": ('name = "kagome"\nshape = [2, 2]', kagome((2, 2))),
    "ladder": ('name = "ladder"\nshape = [4]', ladder(4)),
    "ladder by sides": ('name = "ladder"\nshape = [4, 2]\nperiodic = false', ladder(4, periodic=False)),
    "complete": ('name = "complete"\nshape = [5]', complete(5)),
    "graph": ("bonds = [[0, 1], [1, 2], [2, 0]]", from_bonds(np.array([[0, 1], [1, 2], [2, 0]]), (3,), "graph")),
}


@pytest.mark.parametrize("name", LATTICES)
def test_every_lattice_can_be_named(tmp_path, name):
    text, graph = LATTICES[name]
    found = read(tmp_path, f'bond = "Z(i) Z(j)"\n[lattice]\n{text}\n')
    assert found.hamiltonian.space.n_sites == graph.n_sites
    assert found.hamiltonian.operator == sum((Z(i) @ Z(j) for i, j in graph.bonds.tolist()), Operator({}))


def test_an_open_honeycomb():
    """Brick wall of 3 x 3: 6 bonds along rows and one from each even site to the next row, none around."""
    bonds = {tuple(sorted(bond)) for bond in honeycomb((3, 3), periodic=False).bonds.tolist()}
    assert bonds == {(0, 1), (1, 2), (3, 4), (4, 5), (6, 7), (7, 8), (0, 3), (2, 5), (4, 7)}


PROBLEMS = {
    "ising": (
        'bond = "-J Z(i) Z(j)"\nsite = "-h X(i)"\n[constants]\nJ = 1\nh = 0.7\n',
        transverse_field_ising(hypercubic((4,)), 0.7),
    ),
    "ising by shifts": (
        'site = "-Z(i) Z(i+1) - h X(i)"\n[constants]\nh = "J/2 + 0.2"\nJ = 1.0\n',
        transverse_field_ising(hypercubic((4,)), 0.7),
    ),
    "heisenberg": (
        f'magnetization = 0\nbond = "J({HEISENBERG})"\n[constants]\nJ = "-1 * (2 - 3)"\n',
        heisenberg(hypercubic((4,))),
    ),
    "bosons": (
        'kind = "boson"\nparticles = 3\ncutoff = 3\nbond = "-bdag(i) b(j) - bdag(j) b(i)"\n'
        'site = "U/2 n(i)(n(i) - 1)"\n[constants]\nU = 3\n',
        bose_hubbard(hypercubic((4,)), 3.0, 3, 3),
    ),
    "t-V": (
        'kind = "fermion"\nparticles = 2\nbond = "-cdag(i) c(j) - cdag(j) c(i) + 1.5 n(i) n(j)"\n',
        t_v(hypercubic((4,)), 1.5, 2),
    ),
    "hubbard": (
        f'kind = "fermion"\nparticles = [2, 1]\nbond = "{HOPPING}"\n'
        'site = "U n(i, up) n(i, down)"\n[constants]\nt = 1\nU = 4\n',
        hubbard(hypercubic((4,)), 4.0, (2, 1)),
    ),
}


def same(found, expected):
    """The matrices are equal, and so are the spaces."""
    assert found.space == expected.space
    np.testing.assert_allclose(dense(found), dense(expected), atol=1e-12)


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_file_is_the_model_of_that_name(tmp_path, name):
    text, expected = PROBLEMS[name]
    same(read(tmp_path, text + CHAIN).hamiltonian, expected)


def test_a_hubbard_ring_has_both_spins(tmp_path):
    """Ring of 6 at U = 4, half filled: E = -3.668706178873 (NumPy, bit by bit), not that of up spins alone."""
    text, _ = PROBLEMS["hubbard"]
    text = text.replace("[2, 1]", "[3, 3]") + CHAIN.replace("4", "6")
    hamiltonian = read(tmp_path, text).hamiltonian
    assert exact_energy(jax.random.key(0), hamiltonian) == pytest.approx(-3.668706178873, abs=1e-9)
    up_alone = text.replace("s)", "up)")
    assert exact_energy(jax.random.key(0), read(tmp_path, up_alone).hamiltonian) > -3.1


def test_two_sites_of_hubbard(tmp_path):
    """E = U/2 - √(U²/4 + 4 t²)."""
    text = PROBLEMS["hubbard"][0].replace("[2, 1]", "[1, 1]").replace("t = 1", "t = 0.5")
    text += '[lattice]\nname = "chain"\nshape = [2]\nperiodic = false\n'
    assert exact_energy(jax.random.key(0), read(tmp_path, text).hamiltonian) == pytest.approx(2 - 5**0.5, abs=1e-9)


def test_couplings_of_each_bond_and_site(tmp_path):
    """A matrix and a list, and bonds with a third entry, against the function for long ranges."""
    expected = long_range_ising(J, np.array(h))
    constants = f"[constants]\nJ = {J.tolist()}\nh = {h}\n"
    complete_4 = '[lattice]\nname = "complete"\nshape = [4]\n'
    first = read(tmp_path, 'bond = "-J(i, j) Z(i) Z(j)"\nsite = "-h(i) X(i)"\n' + constants + complete_4).hamiltonian
    bonds = [[i, j, float(J[i, j])] for i in range(4) for j in range(i)]
    second = read(
        tmp_path, f'bond = "-Z(i) Z(j)"\nsite = "-h(i) X(i)"\n[constants]\nh = {h}\n[lattice]\nbonds = {bonds}'
    )
    third = read(
        tmp_path, f'site = "-h(i) X(i)"\n[[bond]]\nterm = "-Z(i) Z(j)"\nbonds = {bonds}\n[constants]\nh = {h}\n{CHAIN}'
    )
    for found in (first, second.hamiltonian, third.hamiltonian):
        np.testing.assert_allclose(dense(found), dense(expected), atol=1e-12)


def test_second_neighbors(tmp_path):
    """J1-J2 on a ring of 6, by neighbor = 2 and by i+2; each pair once on a ring of 4; diagonals of a square."""
    expected = j1_j2(hypercubic((6,)), 0.4)
    ring = CHAIN.replace("4", "6")
    first = f'magnetization = 0\n[[bond]]\nterm = "{HEISENBERG}"\n'
    first += f'[[bond]]\nterm = "0.4({HEISENBERG})"\nneighbor = 2\n{ring}'
    same(read(tmp_path, first).hamiltonian, expected)
    shifted = HEISENBERG.replace("(j)", "(i+2)")
    second = f'magnetization = 0\nbond = "{HEISENBERG}"\nsite = "0.4({shifted})"\n{ring}'
    same(read(tmp_path, second).hamiltonian, expected)
    assert neighbor_pairs(hypercubic((4,)), 2).tolist() == [[0, 2], [1, 3]]
    assert len(neighbor_pairs(hypercubic((4, 4)), 2)) == 32
    assert len(neighbor_pairs(triangular((6, 6)), 1)) == 108
    assert neighbor_pairs(hypercubic((2, 3), periodic=False), 3).tolist() == [[0, 2], [3, 5]]


GRAPHS = [hypercubic((6,)), hypercubic((3, 4)), triangular((4, 4)), honeycomb((4, 4)), kagome((2, 2)), ladder(4),
          hypercubic((3, 3), periodic=False)]  # fmt: skip


@pytest.mark.parametrize("graph", GRAPHS, ids=lambda g: g.name)
def test_shells_are_every_pair_once_and_begin_with_the_bonds(graph):
    shells, k = [], 1
    while sum(map(len, shells)) < graph.n_sites * (graph.n_sites - 1) // 2:
        shells.append(neighbor_pairs(graph, k).tolist())
        k += 1
    assert len({tuple(pair) for shell in shells for pair in shell}) == graph.n_sites * (graph.n_sites - 1) // 2
    assert {tuple(sorted(bond)) for bond in graph.bonds.tolist()} == set(map(tuple, shells[0]))


def test_shifts_end_with_an_open_chain(tmp_path):
    """Σ_i Z(i) X(i+1) Z(i+2): all around a ring, N - 2 on an open chain; each product counts on its own."""
    text = 'site = "Z(i-1) X(i) Z(i+1) + 1/4"\n' + CHAIN
    ring = read(tmp_path, text).hamiltonian.operator
    chain = read(tmp_path, text + "periodic = false").hamiltonian.operator
    cluster = lambda i: Z((i - 1) % 4) @ X(i % 4) @ Z((i + 1) % 4)  # noqa: E731
    assert ring == sum((cluster(i) for i in range(4)), Operator({(): 1}))
    assert chain == sum((cluster(i) for i in (1, 2)), Operator({(): 1}))


def test_complex_hopping_around_a_ring(tmp_path):
    """A flux φ through a ring of 4 lowers E to -2 cos((2πk + φ)/4), the lowest of free particles."""
    text = 'kind = "fermion"\nparticles = 1\nsite = "-t cdag(i) c(i+1) - tc cdag(i+1) c(i)"\n'
    text += '[constants]\nphi = 1.0\nt = "exp(0.25j phi)"\ntc = "exp(-0.25j phi)"\n' + CHAIN
    lowest = min(-2 * np.cos((2 * np.pi * k + 1.0) / 4) for k in range(4))
    assert exact_energy(jax.random.key(0), read(tmp_path, text).hamiltonian) == pytest.approx(lowest, abs=1e-9)


def test_small_couplings_are_kept(tmp_path):
    """The field of 1e-20 splits the levels of a spin by 2e-20."""
    found = read(tmp_path, 'sites = 1\nterms = ["1e-20 X(0)"]').hamiltonian
    assert np.abs(dense(found)).max() == 1e-20


def test_the_operator_of_a_file_is_what_it_prints(tmp_path):
    for text, _ in PROBLEMS.values():
        operator = read(tmp_path, text + CHAIN).hamiltonian.operator
        assert parse(str(operator)) == operator


@pytest.mark.parametrize("parity", [1, -1])
def test_a_flip_of_a_diagonal_hamiltonian(tmp_path, parity):
    """Ising ring of 4 without a field: E = -4 with either parity; no state moves to another."""
    from isinglass import approximate

    found = read(tmp_path, f'bond = "-Z(i) Z(j)"\nspin_flip = {parity}\n' + CHAIN)
    result = approximate(jax.random.key(0), found.hamiltonian, ansatz="exact", numbers=found.numbers)
    assert result.estimates["ground_state_energy"].value == pytest.approx(-4, abs=1e-9)


def test_the_verb_takes_what_was_read(tmp_path):
    """Momentum π of the Heisenberg ring of four: E = -1 (the ground state, -2, has momentum 0)."""
    text = 'magnetization = 0\nmomentum = [2]\nbond = "Sx(i) Sx(j) + Sy(i) Sy(j) + Sz(i) Sz(j)"\n'
    problem = read(tmp_path, text + '[lattice]\nname = "chain"\nshape = [4]\n')
    for more, exact in (({}, -1), ({"numbers": None}, -2)):
        found = approximate(0, problem, ansatz="exact", **more)
        np.testing.assert_allclose(found.estimates["ground_state_energy"].value, exact, atol=1e-9)


def test_many_terms_are_read_once(tmp_path):
    """2,000 terms in one text and in a list of texts: the sum of all."""
    texts = [f"{k / 8} Z({k % 50}) Z({(k + 7) % 50})" for k in range(1, 2001)]
    one = read(tmp_path, f'sites = 50\nterms = "{" + ".join(texts)}"').hamiltonian.operator
    many = read(tmp_path, f"sites = 50\nterms = {texts}").hamiltonian.operator
    assert one == many
    assert sum(one.terms.values()).real == 2000 * 2001 / 16


def test_the_examples_of_the_page_can_be_read(tmp_path):
    """Each indented block of docs/hamiltonian.md with a term; the energies of three of them are known."""
    page = (Path(__file__).parents[2] / "docs" / "hamiltonian.md").read_text(encoding="utf-8")
    blocks = [textwrap.dedent(block) for block in re.findall(r"(?:^(?: {4}.*)?\n)+", page, re.MULTILINE)]
    found = [
        read(tmp_path, block).hamiltonian for block in blocks if re.search("^(bond|site|term) = ", block, re.MULTILINE)
    ]
    assert len(found) == 5
    energies = [exact_energy(jax.random.key(0), found[k]) for k in (2, 3)]
    assert energies == pytest.approx([-3.668706178873, -3 / 8 * 12], abs=1e-9)  # NumPy; Majumdar and Ghosh


def test_the_page_states_the_grammar():
    """Every letter, function and entry is named."""
    page = (Path(__file__).parents[2] / "docs" / "hamiltonian.md").read_text(encoding="utf-8")
    names = {
        *LETTERS,
        *FUNCTIONS,
        *SpinFile.__struct_fields__,
        *BosonFile.__struct_fields__,
        *FermionFile.__struct_fields__,
    }
    assert [
        name for name in names | {*LatticeTable.__struct_fields__} if not re.search(rf"[`\[ ]{name}[`\(\] ]", page)
    ] == []
