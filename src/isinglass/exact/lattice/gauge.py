# SPDX-License-Identifier: Apache-2.0
"""Two-dimensional Z2 lattice gauge theory, E = -J Σ_p P_p, P_p = product of the four link spins ±1 of plaquette p.

In two dimensions the plaquettes are free except for Π_p P_p = 1 on a torus, so that with t = tanh βJ

    Z = 2^links cosh(βJ)^Np (1 + t^Np),   links = 2 Np.

There is no transition at T > 0.  Np = None is the infinite lattice.
Ref: Wegner 1971, doi:10.1063/1.1665530; Kogut 1979, doi:10.1103/RevModPhys.51.659.
"""

import numpy as np

__all__ = ["ground_states", "log_partition_function", "plaquette", "wilson_loop"]


def log_partition_function(beta: float, Np: int, J: float = 1.0) -> float:
    """ln Z = 2 Np ln 2 + Np ln cosh βJ + ln(1 + t^Np) on a torus of Np plaquettes."""
    log_cosh = np.logaddexp(beta * J, -beta * J) - np.log(2)
    return float(2 * Np * np.log(2) + Np * log_cosh + np.log1p(np.tanh(beta * J) ** Np))


def plaquette(beta: float, Np: int | None = None, J: float = 1.0) -> float:
    """Mean plaquette ⟨P⟩ = (t + t^(Np-1)) / (1 + t^Np); t on the infinite lattice.  Energy per plaquette: -J ⟨P⟩.

    Law: ⟨P⟩ = (1/Np) ∂ ln Z / ∂(βJ); -1 <= ⟨P⟩ <= 1.
    """
    t = float(np.tanh(beta * J))
    return t if Np is None else (t + t ** (Np - 1)) / (1 + t**Np)


def wilson_loop(beta: float, area: int, Np: int | None = None, J: float = 1.0) -> float:
    """⟨W⟩ = (t^A + t^(Np-A)) / (1 + t^Np) of a contractible loop around A plaquettes: the area law t^A when Np → ∞.

    Law: W(A = 1) = ⟨P⟩; W(0) = W(Np) = 1.
    """
    t = float(np.tanh(beta * J))
    return t**area if Np is None else (t**area + t ** (Np - area)) / (1 + t**Np)


def ground_states(L: int) -> int:
    """Number of states with all plaquettes +1 on the L x L torus, 2^(L²+1): 2^(L²-1) gauge copies of 4 flux sectors."""
    return 2 ** (L * L + 1)
