# SPDX-License-Identifier: Apache-2.0
"""Observables of a neural state: means by local estimators, spin correlations by Fourier transforms."""

from collections.abc import Mapping
from typing import NamedTuple

import equinox as eqx
from jaxtyping import Array, Float, Key

from isinglass.approximation.variational.ensemble import AbstractBornAverage, sample
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.observables.structure_factor import two_point_function, wave_power
from isinglass.result import Estimate
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["Correlations", "correlations", "expectations"]


class Correlations(NamedTuple):
    """Correlations of z_i = ±1 on a periodic lattice of this shape, with standard errors."""

    C: Float[Array, "*shape"]  # (1/N) Σ_i <z_i z_{i+r}>, not connected
    C_error: Float[Array, "*shape"]
    S: Float[Array, "*shape"]  # Σ_r C(r) e^{-iqr}, q_a = 2π k_a / L_a
    S_error: Float[Array, "*shape"]


def expectations(
    key: Key[Array, ""], ensemble: AbstractBornAverage, psi: AbstractQuantumState, operators: Mapping[str, Hamiltonian]
) -> dict[str, Estimate]:
    """<A> = <A_loc> of each Hermitian A, all from the same samples.

    Of A that is not Hermitian take (A + A^†)/2 and (A - A^†)/2i.
    Law: without error where ψ is an eigenstate of A.
    """

    @eqx.filter_jit
    def run(key, psi, operators):
        draws, _ = sample(key, ensemble, psi)
        local = {name: ensemble.local(A, psi, draws).real for name, A in operators.items()}
        return {name: ensemble.average(values, draws.weights) for name, values in local.items()}

    found = run(key, psi, dict(operators))
    return {name: Estimate(float(mean), float(error)) for name, (mean, error) in found.items()}


@eqx.filter_jit
def correlations(
    key: Key[Array, ""], ensemble: AbstractBornAverage, psi: AbstractQuantumState, shape: tuple[int, ...]
) -> Correlations:
    """All distances at once: S(q) = <|Σ_j z_j e^{-iqr_j}|²> / N, C(r) its inverse transform.

    Sites in C order, z as `HilbertSpace.variables` gives it.
    Law: C(0) = 1, S(q) >= 0, (1/N) Σ_q S(q) = 1, S(0) = N <m²>.
    """
    draws, _ = sample(key, ensemble, psi)
    z = ensemble.space.variables(draws.n, float).reshape(*draws.weights.shape, *shape)
    axes = tuple(range(2, z.ndim))
    power = wave_power(z, axes)
    C, S = two_point_function(power, axes), ensemble.space.n_sites * power
    return Correlations(*ensemble.average(C, draws.weights), *ensemble.average(S, draws.weights))
