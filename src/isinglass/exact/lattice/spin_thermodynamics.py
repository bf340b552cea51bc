# SPDX-License-Identifier: Apache-2.0
"""Exact thermodynamics of small spin systems: reference values for free energies."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.enumeration import boltzmann, configurations, ising_energies, spins

__all__ = ["Exact", "enumerated", "kaufman_square", "torus_bonds"]

NODES = 24  # of the Chebyshev polynomial for ln Z(beta): exact to 1e-12 for 20 spins at T = 1


class Exact(NamedTuple):
    """Exact values of a system; all per site but ln Z."""

    log_z: float
    energy: float
    entropy: float
    specific_heat: float
    susceptibility: float | None
    log_z_at: Callable  # ln Z of the whole system at inverse temperatures beta [n]
    source: str


def kaufman_square(temperature: float, L: int) -> Exact:
    """L x L torus without field, J = 1; the susceptibility by enumeration where L <= 4."""
    log_z_at = lambda beta: L * L * np.asarray(kaufman.log_partition_function(1 / beta, L))  # noqa: E731
    log_z, energy = float(log_z_at(np.array(1 / temperature))), float(kaufman.energy(temperature, L))
    return Exact(
        log_z,
        energy,
        log_z / L**2 + energy / temperature,
        float(kaufman.specific_heat(temperature, L)),
        enumerated(torus_bonds(L), 1.0, 1 / temperature).susceptibility if L <= 4 else None,
        log_z_at,
        "Kaufman 1949",
    )


def torus_bonds(L: int) -> Int[np.ndarray, "bonds 2"]:
    """Bonds of the L x L torus: each site with its neighbors below and to the right."""
    site = np.arange(L * L).reshape(L, L)
    return np.concatenate([np.stack([site, np.roll(site, -1, axis)], -1).reshape(-1, 2) for axis in (0, 1)])


def enumerated(bonds: Int[np.ndarray, "bonds 2"], J: Float[np.ndarray, "*bonds"] | float, beta: float) -> Exact:
    """All 2^N states of E = -Σ J_ij s_i s_j; the susceptibility where N <= 16."""
    N = int(bonds.max()) + 1
    E = np.concatenate(list(ising_energies(N, bonds, np.broadcast_to(J, len(bonds)))))
    exact = boltzmann([E], beta)
    chi = None
    if N <= 16:
        M = spins(np.concatenate(list(configurations(N)))).sum(axis=1, dtype=int)
        chi = beta * float(np.exp(-beta * E - exact.log_Z) @ M.astype(float) ** 2) / N

    def log_z_at(inverse):
        of_one = lambda points: np.array([boltzmann([E], b).log_Z for b in points])  # noqa: E731
        curve = np.polynomial.Chebyshev.interpolate(of_one, NODES, domain=(0.0, beta))
        return curve(np.asarray(inverse))

    heat = beta**2 * exact.energy_variance / N
    energy, entropy = exact.mean_energy / N, (exact.log_Z + beta * exact.mean_energy) / N
    return Exact(exact.log_Z, energy, entropy, heat, chi, log_z_at, "enumeration")
