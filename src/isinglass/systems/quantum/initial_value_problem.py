# SPDX-License-Identifier: Apache-2.0
"""The Schrödinger equation with an initial state: a quench, or relaxation in imaginary time."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from isinglass.errors import InputError
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["InitialValueProblem"]


class InitialValueProblem(eqx.Module):
    """ψ(0) = start, dψ/dt = -iHψ, or -Hψ in imaginary time; ψ(t) is wanted at `times`, one step apart.

    `start`: a wavefunction, such as one of `nets.wavefunction`, complex where time is real.
    Errors: InputError for fewer than two times, or times that are not ascending from 0.
    """

    hamiltonian: Hamiltonian
    start: eqx.Module
    times: Float[np.ndarray, " times"]
    imaginary: bool = eqx.field(static=True)

    def __init__(
        self, hamiltonian: Hamiltonian, start: eqx.Module, times: Float[np.ndarray, " times"], *,
        imaginary: bool = False,
    ):  # fmt: skip
        self.hamiltonian, self.start, self.imaginary = hamiltonian, start, imaginary
        self.times = np.asarray(times, float)
        if self.times.ndim != 1 or len(self.times) < 2 or self.times[0] != 0 or (np.diff(self.times) <= 0).any():
            raise InputError("two times or more that ascend from 0", f"{times}", "use numpy.linspace(0, end, steps)")
