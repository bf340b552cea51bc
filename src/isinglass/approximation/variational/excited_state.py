# SPDX-License-Identifier: Apache-2.0
"""Excited states as ground states of H with the states below it lifted,

    H' = H + Σ_k λ_k |φ_k><φ_k| / <φ_k|φ_k>,

so that <H'> = <H> + Σ_k λ_k F(ψ, φ_k).  Its local estimator is that of H plus Σ_k λ_k (φ_k/ψ)(n) <ψ/φ_k>_{φ_k}, and
stochastic reconfiguration takes it as it is.  Choo, Carleo, Regnault and Neupert 2018, arXiv:1807.03325; Pathak,
Busemeyer, Rodrigues and Wagner 2021, arXiv:2009.01385.
"""

from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Complex, Float, Key

from isinglass.approximation.variational.ensemble import AbstractBornAverage, WeightedStates, sample
from isinglass.approximation.variational.fidelity import log_ratio
from isinglass.approximation.variational.log_derivatives import log_derivatives, params_like
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.update_rule import AbstractOptimizer
from isinglass.approximation.variational.variational_monte_carlo import AbstractMonteCarlo, VMCState, moments, no_step
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["ExcitedState", "ExcitedStateDiagnostics"]


class ExcitedStateDiagnostics(NamedTuple):
    """Energy, variance and overlap with the lower states, at one step."""

    energy: Float[Array, ""]  # <H>, without the penalty
    variance: Float[Array, ""]  # of the local estimator of H'
    fidelity: Float[Array, ""]  # with the states below, summed


class ExcitedState(AbstractMonteCarlo):
    """Steps on H', for `optimize`.

    `penalty` λ_k must exceed the distance E - E_k of the wanted level from each lower one.
    Law: with the exact φ_k, <H'> is at least the next level, for every ψ; without any it is variational Monte Carlo.
    """

    diagnostics: ClassVar[type] = ExcitedStateDiagnostics

    hamiltonian: Hamiltonian
    lower: tuple[AbstractQuantumState, ...]  # φ_k
    penalty: float
    ensemble: AbstractBornAverage
    optimizer: AbstractOptimizer = StochasticReconfiguration()
    chunk: int | None = eqx.field(static=True, default=None)

    def init(self, key: Key[Array, ""], psi: AbstractQuantumState) -> VMCState:
        """Chains of all states, after a warm-up."""
        begin = eqx.filter_jit(lambda k, psi: sample(jax.random.fold_in(key, k), self.ensemble, psi)[1])
        lower = tuple(begin(k + 1, phi) for k, phi in enumerate(self.lower))
        memory = self.optimizer.init(no_step(psi, self.hamiltonian.space.n_sites))
        return VMCState(eqx.filter(psi, eqx.is_inexact_array), (begin(0, psi), lower), memory)

    def lifted(
        self, psi: AbstractQuantumState, draws: WeightedStates, phi: AbstractQuantumState, lower: WeightedStates
    ) -> tuple[Complex[Array, "R D"], Float[Array, ""]]:
        """The local estimator of |φ><φ| / <φ|φ>, and its average F(ψ, φ)."""
        up = log_ratio(self.ensemble, phi, psi, draws.n).astype(complex)
        down = log_ratio(self.ensemble, psi, phi, lower.n).astype(complex)
        scale = down.real.mean().astype(complex)  # of the norms, which cancels
        overlap, _ = self.ensemble.average(jnp.exp(down - scale), lower.weights)
        local = jnp.exp(up + scale) * overlap
        return local, self.ensemble.average(local, draws.weights)[0].real

    def step(self, key: Key[Array, ""], state: VMCState, static: Any) -> tuple[VMCState, ExcitedStateDiagnostics]:
        """Sample all states, solve, update the parameters."""
        psi, (n, ends) = eqx.combine(state.params, static), state.samples
        keys = jax.random.split(key, 1 + len(self.lower))
        draws, n = self.ensemble.draw(keys[0], psi, n)
        w = draws.weights.reshape(-1)
        E = self.ensemble.local(self.hamiltonian, psi, draws).astype(complex)
        energy, _ = moments(E.reshape(-1), w)
        fidelity, moved = jnp.zeros(()), []
        for key_k, phi, end in zip(keys[1:], self.lower, ends, strict=True):
            lower, end = self.ensemble.draw(key_k, phi, end)  # noqa: PLW2901
            local, one = self.lifted(psi, draws, phi, lower)
            E, fidelity = E + jnp.asarray(self.penalty, complex) * local, fidelity + one
            moved.append(end)
        x = self.ensemble.space.variables(draws.n.reshape(-1, draws.n.shape[-1]), float)
        derivatives = log_derivatives(psi, x, w, self.chunk)
        update, memory = self.optimizer.step(derivatives, E.reshape(-1), state.memory)
        params = jax.tree.map(lambda p, d: p - d, state.params, params_like(psi, update))
        diagnostics = ExcitedStateDiagnostics(energy, moments(E.reshape(-1), w)[1], fidelity)
        return VMCState(params, (n, tuple(moved)), memory), diagnostics
