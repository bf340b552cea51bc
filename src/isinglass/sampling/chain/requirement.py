# SPDX-License-Identifier: Apache-2.0
"""What a move needs of a system: each is given the name of the method and the system, and refuses in a line."""

from typing import Any

from isinglass.errors import InputError
from isinglass.systems.system import AbstractLatticeSystem

__all__ = ["continuous_variables", "finitely_many_values", "single_changes"]


def single_changes(method: str, system: Any) -> None:
    """Energies of single changes."""
    if not isinstance(system, AbstractLatticeSystem):
        raise InputError("variables that can be changed one at a time", type(system).__name__, "use --method hmc")


def finitely_many_values(method: str, system: Any) -> None:
    """A sum over the values of a variable."""
    if system.variable.continuous:
        raise InputError(f"for {method} variables with finitely many values", "continuous ones", "use metropolis")


def continuous_variables(method: str, system: Any) -> None:
    """Methods that move all variables a little need variables that can be."""
    if not system.variable.continuous:
        raise InputError(
            f"for {method} real variables or angles", f"those of {type(system).__name__}", "use metropolis"
        )
