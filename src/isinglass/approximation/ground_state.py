# SPDX-License-Identifier: Apache-2.0
"""The ground state of a Hamiltonian by a neural state, with the exact one beside it where the space is small."""

from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.approximation.born_sampling import Direct, MarkovChains
from isinglass.approximation.exact_diagonalization import MatrixFree
from isinglass.approximation.lanczos import lowest
from isinglass.approximation.markov_chain import move_for
from isinglass.approximation.marshall import rotated, sign_rule
from isinglass.approximation.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational_monte_carlo import VariationalMonteCarlo
from isinglass.nets.quantum_state import AbstractDirectState, AbstractQuantumState
from isinglass.systems.hamiltonian import Hamiltonian

__all__ = ["RECIPES", "Recipe", "exact_energy", "history", "method_for", "without_signs"]

SMALL = 1 << 16  # states that are diagonalized without being asked


class Recipe(NamedTuple):
    """How long, how wide."""

    steps: int
    samples: int
    alpha: int


RECIPES = {"smoke": Recipe(100, 512, 1), "laptop": Recipe(300, 1024, 1), "paper": Recipe(2000, 4096, 4)}


def without_signs(hamiltonian: Hamiltonian) -> tuple[Hamiltonian, bool]:
    """H rotated so that its ground state is positive, and True; where no such rotation is found, H and False."""
    rule = sign_rule(hamiltonian)
    return (hamiltonian, False) if rule is None else (rotated(hamiltonian, rule), True)


def method_for(hamiltonian: Hamiltonian, psi: AbstractQuantumState, samples: int) -> VariationalMonteCarlo:
    """Draws by the state itself or by as many chains as samples, with the moves that fit the sector.

    Steps fit the scale of H.
    """
    size = float(np.abs(hamiltonian.moves.c).sum() + np.abs(hamiltonian.diagonal.c).sum())
    rate = 0.2 * hamiltonian.space.n_sites / (size or 1.0)  # 0.2 over a bound of the energy per site
    direct = isinstance(psi, AbstractDirectState)
    sampler = Direct(samples) if direct else MarkovChains(move_for(hamiltonian), samples, samples)
    return VariationalMonteCarlo(hamiltonian, sampler, StochasticReconfiguration(rate))


def exact_energy(key, hamiltonian: Hamiltonian) -> float | None:
    """E_0 by Lanczos, where the space is small."""
    if hamiltonian.space.bits > 62 or hamiltonian.space.size > SMALL:
        return None
    return float(lowest(key, MatrixFree(hamiltonian)).energies[0])


def history(rows: dict[str, Float[np.ndarray, " steps"]], exact: float | None) -> xr.Dataset:
    """The optimization as arrays over its steps."""
    arrays = {name: ("step", np.asarray(values)) for name, values in rows.items()}
    known = {} if exact is None else {"exact_energy": ((), exact)}
    steps = np.arange(1, len(rows["energy"]) + 1)
    return xr.Dataset({**arrays, **known}, coords={"step": steps})
