# SPDX-License-Identifier: Apache-2.0
"""Lattice particles with hopping and repulsion: Bose-Hubbard, t-V and Hubbard models on any graph."""

from isinglass.systems.graph import Graph
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import bosons, fermions
from isinglass.systems.quantum.operator import Operator, b, bdag, c, cdag, n

__all__ = ["bose_hubbard", "hubbard", "t_v"]


def bose_hubbard(graph: Graph, U: float, particles: int | None, cutoff: int = 4, t: float = 1.0) -> Hamiltonian:
    """H = -t Σ_<ij> (b†_i b_j + h.c.) + U/2 Σ n_i (n_i - 1), at most `cutoff` bosons per site."""
    hops = sum((bdag(i) @ b(j) + bdag(j) @ b(i) for i, j in graph.bonds.tolist()), Operator({}))
    repel = sum(0.5 * U * n(i) @ (n(i) - 1) for i in range(graph.n_sites))
    return Hamiltonian(-t * hops + repel, bosons(graph.n_sites, cutoff, particles))


def t_v(graph: Graph, V: float, particles: int | None, t: float = 1.0) -> Hamiltonian:
    """H = -t Σ_<ij> (c†_i c_j + h.c.) + V Σ_<ij> n_i n_j, spinless fermions.  Exact: free fermions at V = 0."""
    bonds = graph.bonds.tolist()
    hops = sum((cdag(i) @ c(j) + cdag(j) @ c(i) for i, j in bonds), Operator({}))
    return Hamiltonian(-t * hops + sum(V * n(i) @ n(j) for i, j in bonds), fermions(graph.n_sites, particles))


def hubbard(graph: Graph, U: float, particles: tuple[int, int], t: float = 1.0) -> Hamiltonian:
    """H = -t Σ_<ij>σ (c†_iσ c_jσ + h.c.) + U Σ n_i↑ n_i↓; mode i is up, N + i down.  `particles`: (up, down)."""
    N, bonds = graph.n_sites, graph.bonds.tolist()
    hops = sum((cdag(i + s) @ c(j + s) + cdag(j + s) @ c(i + s) for i, j in bonds for s in (0, N)), Operator({}))
    repel = sum(U * n(i) @ n(N + i) for i in range(N))
    return Hamiltonian(-t * hops + repel, fermions(N, particles, spinful=True))
