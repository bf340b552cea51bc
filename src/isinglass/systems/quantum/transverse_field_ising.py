# SPDX-License-Identifier: Apache-2.0
"""The Ising model in a transverse field: the simplest quantum phase transition."""

import numpy as np
from jaxtyping import Float

from isinglass.systems.graph import Graph
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import Operator, X, Z

__all__ = ["long_range_ising", "transverse_field_ising"]


def transverse_field_ising(graph: Graph, h: float = 1.0, J: float = 1.0, longitudinal: float = 0.0) -> Hamiltonian:
    """H = -J Σ_<ij> Z_i Z_j - h Σ X_i - g Σ Z_i; `longitudinal` is g.

    Critical: h = J on the chain, 3.04438 J on the square lattice.  Law: at g = 0 the parity Π X_i is conserved.
    """
    sites = range(graph.n_sites)
    bonds = sum((-J * Z(i) @ Z(j) for i, j in graph.bonds.tolist()), Operator({}))
    return Hamiltonian(bonds - sum(h * X(i) + longitudinal * Z(i) for i in sites), spins(graph.n_sites))


def long_range_ising(J: Float[np.ndarray, "N N"], h: float | Float[np.ndarray, " N"] = 1.0) -> Hamiltonian:
    """H = -Σ_{i<j} J_ij Z_i Z_j - Σ h_i X_i: arbitrary couplings J [N, N], such as |i - j|^-α with disorder."""
    J, h = np.asarray(J, float), np.broadcast_to(np.asarray(h, float), (len(J),))
    if J.shape != (len(J), len(J)) or not np.allclose(J, J.T):
        raise ValueError(f"Expected a symmetric matrix of couplings, found shape {J.shape}; give J_ij = J_ji.")
    pairs = zip(*(k.tolist() for k in np.triu_indices(len(J), 1)), strict=True)
    bonds = sum((-float(J[i, j]) * Z(i) @ Z(j) for i, j in pairs if J[i, j]), Operator({}))
    return Hamiltonian(bonds - sum(float(h[i]) * X(i) for i in range(len(J))), spins(len(J)))
