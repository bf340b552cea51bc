# SPDX-License-Identifier: Apache-2.0
"""All q^n states of a small system, and exact averages over them: ln Z = ln Σ_x exp(-β E(x)).

Pair energies E(x) = Σ_b V_b(x_i, x_j) + Σ_i h_i(x_i) are built site by site: the energies with site k added are the
old ones plus the field of site k, itself a sum over its neighbors, so that the whole table costs about q^n additions
(2^24 Ising states in 0.2 s).  Any other energy is evaluated on `configurations`.  State number = Σ_i x_i q^i.
Ising digits: s_i = 1 - 2 x_i, so state 0 is all up.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Int8

__all__ = ["Averages", "boltzmann", "configurations", "ising_energies", "pair_energies", "pair_energy_chunks", "spins"]

Real = float | int | np.ndarray


class Averages(NamedTuple):
    """Exact canonical averages; extensive."""

    log_Z: float  # ln Σ_x exp(-β E)
    mean_energy: float  # ⟨E⟩
    energy_variance: float  # ⟨E²⟩ - ⟨E⟩²
    ground_energy: float  # min E


def configurations(n_sites: int, q: int = 2, chunk: int = 2**16) -> Iterator[Int8[np.ndarray, "chunk n_sites"]]:
    """All q^n digit strings in order of state number, `chunk` rows at a time.

    Law: every state once.  Memory: chunk * n_sites bytes (and 8 times that while a chunk is made).
    """
    place = q ** np.arange(n_sites)
    for start in range(0, q**n_sites, chunk):
        numbers = np.arange(start, min(start + chunk, q**n_sites))
        yield (numbers[:, None] // place % q).astype(np.int8)


def spins(digits: Int8[np.ndarray, "*shape"]) -> Int8[np.ndarray, "*shape"]:
    """Ising spins s = 1 - 2 x of the digits x = 0, 1."""
    return (1 - 2 * digits).astype(np.int8)


def pair_energies(
    bonds: Int[np.ndarray, "bonds 2"],
    V: Float[np.ndarray, "bonds q q"],
    field: Float[np.ndarray, "sites q"],
) -> Float[np.ndarray, " states"]:
    """E(x) = Σ_b V_b(x_i, x_j) + Σ_i field_i(x_i) of all q^n states at once, by state number.

    Law: a bond given twice counts twice; i and j of a bond are the row and the column of V.
    Memory: about 16 q^n bytes.
    """
    n_sites, q = field.shape
    to_lower = [[] for _ in range(n_sites)]  # bonds of each site with lower-numbered ones, as V[x_site, x_lower]
    for (i, j), v in zip(bonds.tolist(), V, strict=True):
        to_lower[max(i, j)].append((min(i, j), v if i > j else v.T))
    E = np.zeros(1)
    for site in range(n_sites):
        E = np.concatenate([E + _local_energy(site, q, to_lower[site], field[site], x) for x in range(q)])
    return E


def _local_energy(site: int, q: int, to_lower: list, field: np.ndarray, x: int) -> Float[np.ndarray, " states"]:
    """Energy of site in state x against all states of the sites below it."""
    row = np.zeros((site, q))
    for lower, v in to_lower:
        row[lower] += v[x]
    local = np.full(1, field[x])
    for lower in range(site):
        local = np.add.outer(row[lower], local).ravel()
    return local


def pair_energy_chunks(
    bonds: Int[np.ndarray, "bonds 2"],
    V: Float[np.ndarray, "bonds q q"],
    field: Float[np.ndarray, "sites q"],
    chunk_sites: int = 20,
) -> Iterator[Float[np.ndarray, " chunk"]]:
    """The table of `pair_energies` in order, q^chunk_sites entries at a time, so that memory stays bounded.

    The sites from chunk_sites on are held fixed within a chunk: they act on the others as a field.
    """
    n_sites, q = field.shape
    low = min(chunk_sites, n_sites)
    inside = (bonds < low).all(axis=1)
    crossing = list(zip(bonds[~inside].tolist(), V[~inside], strict=True))
    for high in (digits for block in configurations(n_sites - low, q) for digits in block):
        local, constant = field[:low].copy(), 0.0
        for k, x in enumerate(high):
            constant += field[low + k, x]
        for (i, j), v in crossing:
            if i >= low and j >= low:
                constant += v[high[i - low], high[j - low]]
            elif i >= low:
                local[j] += v[high[i - low]]
            else:
                local[i] += v[:, high[j - low]]
        yield pair_energies(bonds[inside], V[inside], local) + constant


def ising_energies(
    n_sites: int,
    bonds: Int[np.ndarray, "bonds 2"],
    J: Real = 1.0,
    h: Real = 0.0,
    chunk_sites: int = 20,
) -> Iterator[Float[np.ndarray, " chunk"]]:
    """E(s) = -Σ_b J_b s_i s_j - Σ_i h_i s_i of all 2^n states, 2^chunk_sites at a time; J and h scalars or arrays.

    Law: E(-s; h) = E(s; -h).
    """
    coupling = np.broadcast_to(np.asarray(J, dtype=float), len(bonds))
    magnetic = np.broadcast_to(np.asarray(h, dtype=float), n_sites)
    V = -coupling[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return pair_energy_chunks(np.asarray(bonds), V, -magnetic[:, None] * np.array([1.0, -1.0]), chunk_sites)


def boltzmann(energies: Iterable[np.ndarray], beta: float) -> Averages:
    """Averages ln Z, ⟨E⟩, Var E and min E from the energies of all states, given in chunks; `[E]` for one array.

    Law: ⟨E⟩ = -∂ ln Z / ∂β, Var E = -∂⟨E⟩/∂β.
    """
    parts = [_chunk_averages(np.asarray(E, dtype=float).ravel(), beta) for E in energies]
    log_Z, mean, variance, ground = np.array(parts).T
    total = float(np.logaddexp.reduce(log_Z))
    weight = np.exp(log_Z - total)
    energy = weight @ mean
    return Averages(total, float(energy), float(weight @ (variance + (mean - energy) ** 2)), float(ground.min()))


def _chunk_averages(E: Float[np.ndarray, " chunk"], beta: float) -> Averages:
    reference = (beta * E).min()
    weight = np.exp(reference - beta * E)
    Z = weight.sum()
    mean = weight @ E / Z
    return Averages(np.log(Z) - reference, mean, weight @ (E - mean) ** 2 / Z, E.min())
