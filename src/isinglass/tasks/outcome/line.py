# SPDX-License-Identifier: Apache-2.0
"""What the tasks for a line of Hamiltonians share: exact energies, the state to begin with, checks of each coupling."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from isinglass import approximation, checks
from isinglass.errors import InputError
from isinglass.result import Check
from isinglass.tasks.setting.ansatz import Ansatz, untrained

if TYPE_CHECKING:
    from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
    from isinglass.systems.quantum.hamiltonian_line import HamiltonianLine

    Energies = Callable[[float], float] | None
else:
    Energies = Any

__all__ = ["Energies", "energy_checks", "exact_energies", "first_state"]


def exact_energies(key: Any, line: "HamiltonianLine", couplings: np.ndarray, known: Energies) -> list[float | None]:
    """At each coupling: what is known, or Lanczos where the space is small."""
    if known is not None:
        return [float(known(float(g))) for g in couplings]
    return [approximation.variational.ground_state.exact_energy(key, line.at(g)) for g in couplings]


def first_state(
    key: Any, line: "HamiltonianLine", ansatz: Ansatz, alpha: float | None, lattice: tuple[int, ...] | None
) -> "AbstractQuantumState":
    """An untrained state, positive where every H(g) is stoquastic: without positive elements off its diagonal."""
    if isinstance(ansatz, str) and ansatz == "exact":
        raise InputError("a neural state for a line of Hamiltonians", "'exact'", "approximate each H(g) by itself")
    ends = [approximation.variational.marshall.sign_rule(line.at(g)) for g in (line.couplings[0], line.couplings[-1])]
    stoquastic = all(rule is not None and not rule.any() for rule in ends)
    return untrained(key, ansatz, line.at(line.couplings[0]), alpha, stoquastic=stoquastic, lattice=lattice)


def energy_checks(
    found: Any, exact: float | None, accuracy: float, source: str, name: str, where: str = ""
) -> list[Check]:
    """Bounds of the energy of one coupling, and the stated accuracy; `unknown` without an exact energy."""
    relative = checks.within_relative(found.energy, math.nan, accuracy)
    if exact is None:
        held = [replace(relative, law="relative error of the energy, exact not given and not by Lanczos")]
    else:
        scale, of = checks.energy_scale(exact, found.infinite), f"ground_state_energy/{name}"
        held = [checks.variational_principle(found.energy, exact, source, of=of, infinite=found.infinite),
                checks.within_relative(found.energy, exact, accuracy, source, scale=scale)]  # fmt: skip
    return [replace(check, law=f"{check.law} ({name.replace('_', ' = ')}{where})") for check in held]
