# SPDX-License-Identifier: Apache-2.0
"""Marshall's sign rule, found for any Hamiltonian of two levels: ψ(n) = (-1)^{Σ_{i in A} n_i} φ(n), φ > 0.

A exists where the equations Σ_{i moved by m} a_i = [w_m > 0], modulo 2, one for each move m, have a solution a.
Marshall 1955, doi:10.1098/rspa.1955.0200: for Heisenberg antiferromagnets A is one of the two sublattices.
"""

import itertools

import equinox as eqx
import numpy as np
from jaxtyping import Bool, Int

from isinglass.symmetry.elimination import echelon
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["nearest_rule", "rotated", "sign_rule", "signs_of_moves"]

MOST = 12  # sites that the weight of one move may depend on


def signs_of_moves(hamiltonian: Hamiltonian) -> Int[np.ndarray, " M"] | None:
    """+1 or -1 for each move whose weight never has the other sign; None where one has both, or is complex."""
    space, moves = hamiltonian.space, hamiltonian.moves
    if space.levels != 2 or not hamiltonian.is_real:
        return None
    signs = np.zeros(len(moves.c), int)
    for m, (c, z) in enumerate(zip(moves.c, moves.signs, strict=True)):
        sites = np.flatnonzero(z.any(axis=0))
        if len(sites) > MOST:
            return None
        levels = np.array(list(itertools.product((0, 1), repeat=len(sites))), int).reshape(2 ** len(sites), len(sites))
        weights = (c * (-1.0) ** (levels @ z[:, sites].T)).sum(axis=1)
        found = np.unique(np.sign(np.where(np.abs(weights) < 1e-12, 0, weights)))
        found = found[found != 0]
        if len(found) > 1:
            return None
        signs[m] = found[0] if len(found) else -1
    return signs


def sign_rule(hamiltonian: Hamiltonian) -> Bool[np.ndarray, " N"] | None:
    """A as a mask of sites; the empty mask where H is stoquastic already; None where no rule is found."""
    rows = equations(hamiltonian)
    return None if rows is None else solution_modulo_2(rows)


def nearest_rule(hamiltonian: Hamiltonian) -> Bool[np.ndarray, " N"] | None:
    """A of as many of the strongest moves as have one together: the sublattices of J_1 for a small J_2.

    Law: the rule of `sign_rule` where there is one.  None where that is None for a single move.
    """
    rows, kept = equations(hamiltonian), None
    if rows is None:
        return None
    for m in np.argsort(-np.abs(hamiltonian.moves.c).sum(axis=1), kind="stable"):
        more = rows[m][None] if kept is None else np.concatenate([kept, rows[m][None]])
        kept = more if solution_modulo_2(more) is not None else kept
        kept = None if kept is None else echelon(kept.astype(int), 2)[0].astype(bool)
    return None if kept is None else solution_modulo_2(kept)


def equations(hamiltonian: Hamiltonian) -> Bool[np.ndarray, "M columns"] | None:
    """Which a_i each move adds up, and in the last column to what; None where a weight has both signs."""
    signs = signs_of_moves(hamiltonian)
    if signs is None:
        return None
    rows = np.zeros((len(signs), hamiltonian.space.n_sites + 1), bool)
    for m, (sites, shifts) in enumerate(zip(hamiltonian.moved, hamiltonian.shifts, strict=True)):
        rows[m, sites[shifts != 0]] = True
        rows[m, -1] = signs[m] > 0
    return rows


def solution_modulo_2(rows: Bool[np.ndarray, "M columns"]) -> Bool[np.ndarray, " N"] | None:
    """One solution of the equations, last column the right side; None where there is none."""
    reduced, pivots = echelon(rows.astype(int), 2)
    solution = np.zeros(rows.shape[1], bool)
    solution[pivots] = reduced[:, -1] == 1
    return None if rows.shape[1] - 1 in pivots else solution[:-1]


def rotated(hamiltonian: Hamiltonian, sites: Bool[np.ndarray, " N"]) -> Hamiltonian:
    """U H U with U = (-1)^{Σ_{i in A} n_i}: the same spectrum, other signs off the diagonal.  Two levels."""
    odd = (sites[hamiltonian.moved] & (hamiltonian.shifts != 0)).sum(axis=1) % 2
    return eqx.tree_at(lambda h: h.moves.c, hamiltonian, hamiltonian.moves.c * (1.0 - 2.0 * odd)[:, None])
