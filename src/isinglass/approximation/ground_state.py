# SPDX-License-Identifier: Apache-2.0
"""The ground state of a Hamiltonian by a neural state, with the exact one beside it where the space is small."""

from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from isinglass.approximation.born_sampling import MarkovChains
from isinglass.approximation.exact_diagonalization import MatrixFree
from isinglass.approximation.lanczos import Spectrum, lowest
from isinglass.approximation.markov_chain import move_for
from isinglass.approximation.marshall import rotated, sign_rule
from isinglass.approximation.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational_monte_carlo import VariationalMonteCarlo
from isinglass.errors import InputError
from isinglass.nets.quantum_state import AbstractQuantumState
from isinglass.nets.rbm import RBM
from isinglass.result import Estimate
from isinglass.systems.hamiltonian import Hamiltonian

__all__ = [
    "ANSAETZE",
    "RECIPES",
    "Recipe",
    "exact_energy",
    "exact_levels",
    "history",
    "levels",
    "neural_state",
    "optimizer",
    "without_signs",
]

ANSAETZE = ("rbm",)
MOST_LEVELS = 64
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


def neural_state(key, hamiltonian: Hamiltonian, ansatz: str, alpha: float, *, positive: bool) -> AbstractQuantumState:
    """An untrained state, positive or complex.

    Errors: InputError for an unknown ansatz, or one that does not fit the space.
    """
    if ansatz not in ANSAETZE:
        raise InputError(f"an ansatz among {', '.join(ANSAETZE)}", repr(ansatz), "choose one of them")
    space = hamiltonian.space
    if space.levels != 2:
        raise InputError("two levels to a site for an rbm", f"{space.levels}", "use exact diagonalization")
    dtype = "float64" if positive else "complex128"
    return RBM(key=key, n_sites=space.n_sites, alpha=alpha, dtype=dtype)


def optimizer(hamiltonian: Hamiltonian, samples: int) -> VariationalMonteCarlo:
    """As many chains as samples, the moves that fit the sector, steps that fit the scale of H."""
    size = float(np.abs(hamiltonian.moves.c).sum() + np.abs(hamiltonian.diagonal.c).sum())
    rate = 0.2 * hamiltonian.space.n_sites / (size or 1.0)  # 0.2 over a bound of the energy per site
    sampler = MarkovChains(move_for(hamiltonian), samples, samples)
    return VariationalMonteCarlo(hamiltonian, sampler, StochasticReconfiguration(rate))


def exact_energy(key, hamiltonian: Hamiltonian) -> float | None:
    """E_0 by Lanczos, where the space is small."""
    if hamiltonian.space.bits > 62 or hamiltonian.space.size > SMALL:
        return None
    return float(lowest(key, MatrixFree(hamiltonian)).energies[0])


def exact_levels(key, hamiltonian: Hamiltonian, states: int = 1, progress=None) -> Spectrum:
    """The lowest levels by Lanczos, in the space or sector of the Hamiltonian.

    Errors: InputError for no or too many levels; ValueError for a space that does not fit into memory.
    """
    if not 1 <= states <= min(hamiltonian.space.size, MOST_LEVELS):
        most = min(hamiltonian.space.size, MOST_LEVELS)
        raise InputError(f"1 to {most} levels of {hamiltonian.space.size} states", str(states), "change --states")
    options = {} if progress is None else {"progress": progress}
    return lowest(key, MatrixFree(hamiltonian), states, **options)


def levels(found: Spectrum) -> tuple[dict[str, Estimate], xr.Dataset]:
    """The lowest energy and the gap above it, each with the bound |Hψ - Eψ| as its error; all levels as an array."""
    E, residual = found.energies, found.residuals
    estimates = {"ground_state_energy": Estimate(float(E[0]), float(residual[0]))}
    if len(E) > 1:
        estimates["energy_gap"] = Estimate(float(E[1] - E[0]), float(residual[:2].sum()))
    arrays = {"energy": ("level", E), "residual": ("level", residual)}
    return estimates, xr.Dataset(arrays, coords={"level": np.arange(len(E))})


def history(rows: dict[str, Float[np.ndarray, " steps"]], exact: float | None) -> xr.Dataset:
    """The optimization as arrays over its steps."""
    arrays = {name: ("step", np.asarray(values)) for name, values in rows.items()}
    known = {} if exact is None else {"exact_energy": ((), exact)}
    steps = np.arange(1, len(rows["energy"]) + 1)
    return xr.Dataset({**arrays, **known}, coords={"step": steps})
