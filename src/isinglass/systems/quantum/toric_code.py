# SPDX-License-Identifier: Apache-2.0
"""The toric code: qubits on the bonds of a torus, topological order without a local order parameter."""

from functools import reduce
from operator import matmul

import numpy as np

from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import spins
from isinglass.systems.quantum.operator import Operator, X, Z

__all__ = ["toric_code"]


def toric_code(Lx: int, Ly: int, h: float = 0.0) -> Hamiltonian:
    """H = -Σ_v Π_{i at v} X_i - Σ_p Π_{i around p} Z_i - h Σ Z_i; qubit 2v points right of v, 2v + 1 up.

    Law: stars and plaquettes commute; at h = 0 four ground states, E_0 = -2 Lx Ly.  Kitaev, arXiv:quant-ph/9707021.
    """
    if min(Lx, Ly) < 2:
        raise ValueError(f"Expected sides of at least 2, found {Lx} x {Ly}; choose larger ones.")
    right, up = np.moveaxis(np.arange(2 * Lx * Ly).reshape(Lx, Ly, 2), 2, 0)
    left, down = np.roll(right, 1, axis=0), np.roll(up, 1, axis=1)
    over, beside = np.roll(right, -1, axis=1), np.roll(up, -1, axis=0)
    product = lambda letter, sites: reduce(matmul, (letter(int(i)) for i in sites))  # noqa: E731
    stars = np.stack([right, up, left, down], -1).reshape(-1, 4)
    plaquettes = np.stack([right, beside, over, up], -1).reshape(-1, 4)
    terms = [*(-product(X, s) for s in stars), *(-product(Z, p) for p in plaquettes)]
    field = sum(-h * Z(i) for i in range(2 * Lx * Ly))
    return Hamiltonian(sum(terms, Operator({})) + field, spins(2 * Lx * Ly))
