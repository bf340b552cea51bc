# SPDX-License-Identifier: Apache-2.0
"""Quantum antiferromagnets: Heisenberg, XXZ and XY on any graph with any spin; J1-J2."""

import numpy as np
from jaxtyping import Int

from isinglass.systems.graph import Graph, shifted
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import Operator, Sm, Sp, Sz

__all__ = ["heisenberg", "j1_j2", "second_neighbors"]


def heisenberg(
    graph: Graph, J: float = 1.0, anisotropy: float = 1.0, S: float = 0.5, magnetization: float | None = 0.0
) -> Hamiltonian:
    """H = J Σ_<ij> (S^x_i S^x_j + S^y_i S^y_j + Δ S^z_i S^z_j), Δ = `anisotropy`.

    Δ = 1: Heisenberg; Δ = 0: XY.  In the sector Σ S^z = `magnetization`; None: whole space.  Law: Σ S^z is conserved.
    """
    return Hamiltonian(J * exchange(graph.bonds, anisotropy), spins(graph.n_sites, S, magnetization))


def j1_j2(graph: Graph, J2: float, J1: float = 1.0, magnetization: float | None = 0.0) -> Hamiltonian:
    """H = J_1 Σ_<ij> S_i·S_j + J_2 Σ_<<ij>> S_i·S_j, chain or square lattice; periodic.

    Exact: -3 J_1 N / 8 on the chain at J_2 = J_1/2.
    """
    operator = J1 * exchange(graph.bonds, 1.0) + J2 * exchange(second_neighbors(graph), 1.0)
    return Hamiltonian(operator, spins(graph.n_sites, 0.5, magnetization))


def second_neighbors(graph: Graph) -> Int[np.ndarray, "B 2"]:
    """Bonds of second neighbors: two steps along a periodic chain, diagonals of a periodic square lattice.

    Errors: ValueError for another graph.
    """
    offsets = {"chain": ((2,),), "square": ((1, 1), (1, -1))}.get(graph.name)
    if offsets is None or not graph.offsets:
        raise ValueError(f"Expected a periodic chain or square lattice, found {graph.name}; sum the terms yourself.")
    return np.concatenate([shifted(graph.shape, offset) for offset in offsets])


def exchange(bonds: Int[np.ndarray, "B 2"], anisotropy: float) -> Operator:
    """½ (S^+_i S^-_j + h.c.) + Δ S^z_i S^z_j over the bonds."""
    flips = lambda i, j: 0.5 * (Sp(i) @ Sm(j) + Sm(i) @ Sp(j))  # noqa: E731
    return sum((flips(i, j) + anisotropy * Sz(i) @ Sz(j) for i, j in bonds.tolist()), Operator({}))
