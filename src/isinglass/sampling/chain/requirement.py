# SPDX-License-Identifier: Apache-2.0
"""Requirements of a sampling method on a system: functions of (name of the method, system) that raise InputError."""

from typing import Any

from isinglass.errors import InputError
from isinglass.systems.system import AbstractLatticeSystem

__all__ = ["continuous_variables", "finitely_many_values", "single_changes"]


def single_changes(method: str, system: Any) -> None:
    """The system has `energy_changes`: variables can be updated one at a time."""
    if not isinstance(system, AbstractLatticeSystem):
        raise InputError("variables that can be changed one at a time", type(system).__name__, "use method='hmc'")


def finitely_many_values(method: str, system: Any) -> None:
    """The conditional distribution of a variable is a finite sum."""
    if system.variable.continuous:
        raise InputError(f"for {method} variables with finitely many values", "continuous ones", "use metropolis")


def continuous_variables(method: str, system: Any) -> None:
    """Variables are real or angles, for moves of all of them by small steps."""
    if not system.variable.continuous:
        raise InputError(
            f"for {method} real variables or angles", f"those of {type(system).__name__}", "use metropolis"
        )
