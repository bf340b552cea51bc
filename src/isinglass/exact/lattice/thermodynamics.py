# SPDX-License-Identifier: Apache-2.0
"""Exact thermodynamics of small Ising models at one temperature: free energy, energy, entropy, fluctuations."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.enumeration import boltzmann, configurations, ising_energies, spins

__all__ = ["Thermodynamics", "enumerated", "kaufman_square"]

NODES = 24  # of the Chebyshev polynomial for ln Z(beta): exact to 1e-12 for 20 spins at T = 1
MOST = 16  # spins whose susceptibility is enumerated


class Thermodynamics(NamedTuple):
    """What is known of a system; all per site but ln Z."""

    log_z: float
    energy: float
    entropy: float
    specific_heat: float
    susceptibility: float | None
    log_z_at: Callable  # ln Z of the whole system at inverse temperatures beta [n]
    source: str


def kaufman_square(temperature: float, L: int) -> Thermodynamics:
    """L x L torus without field, J = 1; the susceptibility by enumeration where L <= 4."""
    log_z_at = lambda beta: L * L * np.asarray(kaufman.log_partition_function(1 / beta, L))  # noqa: E731
    log_z, energy = float(log_z_at(np.array(1 / temperature))), float(kaufman.energy(temperature, L))
    sites = np.arange(L * L).reshape(L, L)
    bonds = np.concatenate([np.stack([sites, np.roll(sites, -1, axis)], -1).reshape(-1, 2) for axis in (0, 1)])
    small = L * L <= MOST
    return Thermodynamics(
        log_z,
        energy,
        log_z / L**2 + energy / temperature,
        float(kaufman.specific_heat(temperature, L)),
        enumerated(bonds, np.ones(len(bonds)), L * L, 1 / temperature).susceptibility if small else None,
        log_z_at,
        "Kaufman 1949",
    )


def enumerated(
    bonds: Int[np.ndarray, "bonds 2"], J: Float[np.ndarray, "*bonds"], n_sites: int, beta: float
) -> Thermodynamics:
    """All 2^N states of E = -Σ J_ij s_i s_j, without field; the susceptibility where N <= 16."""
    N = n_sites
    E = np.concatenate(list(ising_energies(N, bonds, J)))
    exact = boltzmann([E], beta)
    chi = None
    if N <= MOST:
        M = spins(np.concatenate(list(configurations(N)))).sum(axis=1, dtype=int)
        chi = beta * float(np.exp(-beta * E - exact.log_Z) @ M.astype(float) ** 2) / N

    def log_z_at(inverse):
        of_one = lambda points: np.array([boltzmann([E], b).log_Z for b in points])  # noqa: E731
        curve = np.polynomial.Chebyshev.interpolate(of_one, NODES, domain=(0.0, beta))
        return curve(np.asarray(inverse))

    heat = beta**2 * exact.energy_variance / N
    energy, entropy = exact.mean_energy / N, (exact.log_Z + beta * exact.mean_energy) / N
    return Thermodynamics(exact.log_Z, energy, entropy, heat, chi, log_z_at, "enumeration")
