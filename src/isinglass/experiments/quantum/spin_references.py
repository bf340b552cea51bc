# SPDX-License-Identifier: Apache-2.0
"""Exact thermodynamics of small spin systems, and the same from weighted draws: what a free energy is held against."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.exact.lattice import kaufman
from isinglass.exact.lattice.enumeration import boltzmann, configurations, ising_energies, spins
from isinglass.result import Estimate
from isinglass.sampling.weight.importance import Weighted, effective_share, estimate, log_partition_function
from isinglass.stats.weights import self_normalized_mean
from isinglass.systems import Ising

__all__ = ["EnergyAndMagnetization", "Exact", "enumerated", "kaufman_square", "thermodynamics"]

NODES = 24  # of the Chebyshev polynomial for ln Z(beta): exact to 1e-12 for 20 spins at T = 1


class Exact(NamedTuple):
    """What is known of a system; all per site but ln Z."""

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
        enumerated(Ising((L, L), temperature=temperature)).susceptibility if L <= 4 else None,
        log_z_at,
        "Kaufman 1949",
    )


def enumerated(system: Ising) -> Exact:
    """All 2^N states without field; the susceptibility where N <= 16."""
    N, beta = system.n_sites, float(system.beta)
    E = np.concatenate(list(ising_energies(N, np.asarray(system.graph.bonds), np.asarray(system.J))))
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


class EnergyAndMagnetization(eqx.Module):
    """E and Σ s of a configuration, all that is kept of a draw."""

    system: Ising

    def __call__(self, x: Shaped[Array, "*site"]) -> dict[str, Float[Array, ""]]:
        """For `importance_sample(..., keep=)`."""
        return {"energy": self.system.energy(x).astype(float), "magnetization": jnp.sum(x.astype(float))}


def thermodynamics(weighted: Weighted, system: Any) -> dict[str, Estimate]:
    """The bound F_q and what the weights give, all per site but ln Z.

    free_energy: F_q = <E + T ln q>_q >= F.  entropy: S = ln Z + beta <E>, specific heat beta² Var E,
    susceptibility beta <M²>.
    """
    beta, N = float(system.beta), float(system.n_sites)
    E, M = weighted.x["energy"], weighted.x["magnetization"]
    mean = lambda values: estimate(self_normalized_mean, values, weighted.log_weight)  # noqa: E731
    per_site = lambda found, factor: Estimate(found.value * factor / N, (found.error or 0.0) * factor / N)  # noqa: E731
    bound = -weighted.log_weight.mean()
    log_z, energy = log_partition_function(weighted), mean(E)
    w = np.exp(weighted.log_weight - weighted.log_weight.max())
    share = w / w.sum()
    entropy = log_z.value + beta * energy.value
    influence = share * (1 + beta * (E - energy.value))  # of one draw on ln Z + beta <E>
    spread = float(np.sqrt(len(w)) * np.std(influence, ddof=1))
    return {
        "free_energy": Estimate(bound / beta / N, weighted.log_weight.std(ddof=1) / len(w) ** 0.5 / beta / N),
        "log_partition_function": log_z,
        "entropy": Estimate(entropy / N, spread / N),
        "energy": per_site(energy, 1.0),
        "specific_heat": per_site(mean((E - energy.value) ** 2), beta**2),
        "susceptibility": per_site(mean(M**2), beta),
        "effective_share": effective_share(weighted),
    }
