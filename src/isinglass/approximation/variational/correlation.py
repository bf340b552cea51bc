# SPDX-License-Identifier: Apache-2.0
"""Observables of a neural state: means by local estimators, correlations of sites by Fourier transforms or by pairs."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int, Key, Shaped

from isinglass.approximation.variational.ensemble import AbstractBornAverage, sample
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.observables.structure_factor import two_point_function, wave_power
from isinglass.result import Estimate
from isinglass.systems.quantum.hamiltonian import Hamiltonian
from isinglass.systems.quantum.hilbert_space import HilbertSpace

__all__ = ["Correlations", "correlations", "correlations_of_samples", "expectations", "site_variable"]

AT_ONCE = 64  # chains


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


def site_variable(space: HilbertSpace, n: Int[Any, "*site"]) -> Float[np.ndarray, "*site"]:
    """What is correlated: Z = ±1 of spins 1/2, S^z of others, the occupation n of bosons and fermions."""
    levels = np.asarray(n, float)
    if space.kind != "spin":
        return levels
    return 1 - 2 * levels if space.levels == 2 else (space.levels - 1) / 2 - levels


def correlations_of_samples(
    space: HilbertSpace, n: Int[Any, "R D N"], weights: Float[Any, " R*D"] | None, shape: tuple[int, ...] | None
) -> tuple[Shaped[np.ndarray, "..."], Shaped[np.ndarray, "..."]]:
    """C(r) = (1/N) Σ_i <v_i v_(i+r)> on a torus, else C_ij = <v_i v_j>, not connected, with standard errors.

    Errors from the spread of the chains, rows of n; 0 with `weights`, of sums over all states.
    Law: C(r) = C(-r), C_ij = C_ji; Z = ±1 has C(0) = C_ii = 1.  Cost: N ln N or N² a sample.
    """
    n = np.asarray(n)
    R, D, N = n.shape
    w = np.full((R, D), 1 / D) if weights is None else np.asarray(weights).reshape(R, D) * R
    total, squares = 0.0, 0.0
    for first in range(0, R, AT_ONCE):
        v, here = site_variable(space, n[first : first + AT_ONCE]), w[first : first + AT_ONCE]
        if shape is None:
            each = np.einsum("rd,rdi,rdj->rij", here, v, v, optimize=True)
        else:
            axes = tuple(range(2, 2 + len(shape)))
            each = np.einsum(
                "rd,rd...->r...", here, two_point_function(wave_power(v.reshape(*here.shape, *shape), axes), axes)
            )
        total, squares = total + each.sum(axis=0), squares + (each**2).sum(axis=0)
    mean = np.asarray(total) / R
    if weights is not None:
        return mean, np.zeros_like(mean)
    return mean, np.sqrt(np.maximum(squares / R - mean**2, 0) / max(R - 1, 1)) if R > 1 else np.full_like(mean, np.nan)
