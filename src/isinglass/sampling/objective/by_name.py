# SPDX-License-Identifier: Apache-2.0
"""Loss functions of learned samplers by name."""

from collections.abc import Callable
from typing import Any

from isinglass.errors import InputError
from isinglass.sampling.objective.boltzmann_generator import EnergyAndLikelihood
from isinglass.sampling.objective.both_kl import BothKL
from isinglass.sampling.objective.denoising import Denoising
from isinglass.sampling.objective.flow_matching import FlowMatching
from isinglass.sampling.objective.likelihood import NegativeLogLikelihood
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.objective.variational_autoregressive import VariationalFreeEnergy
from isinglass.systems.system import AbstractSystem

__all__ = ["needs_data", "objective"]

Objective = Callable[[AbstractSystem, int], Any]
FROM_ENERGY: dict[str, Objective] = {
    "reverse_kl": ReverseKL,
    "path_gradient": lambda system, batch: ReverseKL(system, batch, path=True),
    "free_energy": VariationalFreeEnergy,
}
FROM_DATA: dict[str, Objective] = {
    "likelihood": lambda system, batch: NegativeLogLikelihood(),
    "flow_matching": lambda system, batch: FlowMatching(),
    "denoising": lambda system, batch: Denoising(),
    "both_kl": lambda system, batch: BothKL(ReverseKL(system, batch)),
    "energy_and_likelihood": lambda system, batch: EnergyAndLikelihood(system, batch=batch),
}


def objective(given: Any, system: Any, batch: int) -> Any:
    """The loss of this name, with `batch` samples per step, for a system if needed; an object is returned as it is.

    Errors: InputError for an unknown name.
    """
    if not isinstance(given, str):
        if not callable(given):
            raise InputError("an objective by name, or a loss to be called", repr(given)[:60], "see docs/index.md")
        return given
    known = FROM_ENERGY | FROM_DATA
    if given not in known:
        raise InputError(f"an objective among {', '.join(known)}", repr(given), "choose one of them")
    return known[given](system, batch)


def needs_data(given: Any) -> bool:
    """Whether a loss is trained on samples of the system."""
    if isinstance(given, str):
        return given in FROM_DATA
    return isinstance(given, NegativeLogLikelihood | FlowMatching | Denoising | BothKL | EnergyAndLikelihood)
