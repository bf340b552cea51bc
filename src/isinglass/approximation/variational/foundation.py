# SPDX-License-Identifier: Apache-2.0
"""One network for H(g) = H_0 + g H_1 at many g: the mean of <H(g)> over the couplings falls along its natural gradient.

Rende et al. 2025, arXiv:2502.09488.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Key

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.approximation.variational.log_derivatives import Dense, as_real, centered, from_real, jacobian
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.update_rule import AbstractOptimizer
from isinglass.approximation.variational.variational_monte_carlo import AbstractMonteCarlo, VMCDiagnostics, VMCState
from isinglass.nets.wavefunction.foundation_state import FoundationState
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["FoundationMonteCarlo", "path_susceptibility"]


class FoundationMonteCarlo(AbstractMonteCarlo):
    """Samples of |ψ(g)|² at every g, one step for all: covariances and forces are means over the couplings.

    Law: with one coupling, the same as for a single state.  Cost: that of a single state, times the couplings.
    """

    fixed: Hamiltonian  # H_0
    coupled: Hamiltonian  # H_1
    couplings: Float[Array, " C"]
    sampler: AbstractBornSampler  # of each coupling
    optimizer: AbstractOptimizer = StochasticReconfiguration()

    def init(self, key: Key[Array, ""], psi: FoundationState) -> VMCState:
        params = eqx.filter(psi, eqx.is_inexact_array)
        keys = jax.random.split(key, len(self.couplings))
        memory = jax.vmap(lambda key: self.sampler.init(key, self.fixed.space))(keys)
        return VMCState(params, memory, self.optimizer.init(jnp.zeros_like(flat(params)[0].ravel())))

    def step(self, key: Key[Array, ""], state: VMCState, static: Any) -> tuple[VMCState, VMCDiagnostics]:
        psi: FoundationState = eqx.combine(state.params, static)
        keys = jax.random.split(key, len(self.couplings))
        E, (real, imaginary), memory, acceptance = jax.vmap(lambda *a: self.local_terms(psi, *a))(
            keys, self.couplings, state.samples
        )
        C, B = E.shape
        w = jnp.full((C, B), 1 / (C * B))
        T = jax.vmap(psi.polynomials)(self.couplings)
        rows = [
            (centered(part, w)[:, :, None] * T[:, None, :, None]).reshape(C * B, -1)
            for part in (real, imaginary)
            if part is not None
        ]
        derivatives = Dense(jnp.concatenate(rows), w.ravel(), groups=C)
        update, optimizer = self.optimizer.step(derivatives, E.ravel(), state.memory)
        theta, restore = flat(state.params)
        params = restore(theta - update.reshape(theta.shape))
        variance = jnp.mean(jnp.var(E, axis=1))
        return VMCState(params, memory, optimizer), VMCDiagnostics(E.mean().real, variance, acceptance.mean())

    def local_terms(self, psi: FoundationState, key: Key[Array, ""], g: Float[Array, ""], memory: Any):
        """Local energies and derivatives at one coupling."""
        state, space = psi.at(g), self.fixed.space
        drawn, memory = self.sampler.draw(key, state, memory, space)
        n = drawn.n.reshape(-1, space.n_sites)
        E_0, E_1 = (local_energies(part, state, n) for part in (self.fixed, self.coupled))
        O = jacobian(state, space.variables(n, float))  # noqa: E741
        return E_0 + g.astype(E_1.dtype) * E_1, O, memory, drawn.acceptance


def flat(params: Any) -> tuple[Float[Array, "K P"], Callable]:
    """The coefficients as a matrix, a row for each polynomial, and the function that undoes it."""
    form = as_real(jax.tree.map(lambda c: c[0], params))[1]
    return jax.vmap(lambda c: as_real(c)[0])(params), jax.vmap(lambda row: from_real(row, form))


def path_susceptibility(
    psi: FoundationState, g: Float[Array, ""], x: Float[Array, "B N"], weights: Float[Array, " B"]
) -> Float[Array, ""]:
    """χ_F = lim (1 - |<ψ(g)|ψ(g + ε)>|²) / ε² = θ'ᵀ S θ', θ' = dθ/dg: by the metric along the network's own path.

    `x` and `weights`: samples of |ψ(g)|².  You, Li and Gu 2007, doi:10.1103/PhysRevE.76.022101.
    """
    theta = lambda g: as_real(eqx.filter(psi.at(g), eqx.is_inexact_array))[0]  # noqa: E731
    slope = jax.jacfwd(theta)(g)
    parts = [centered(part[None], weights[None])[0] @ slope for part in jacobian(psi.at(g), x) if part is not None]
    return sum((jnp.sum(part**2) for part in parts), jnp.zeros(()))
