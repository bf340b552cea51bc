# SPDX-License-Identifier: Apache-2.0
"""Excited states as ground states of H with the states below it lifted,

    H' = H + Σ_k λ_k |φ_k><φ_k| / <φ_k|φ_k>,

so that <H'> = <H> + Σ_k λ_k F(ψ, φ_k).  Its local estimator is that of H plus Σ_k λ_k (φ_k/ψ)(n) <ψ/φ_k>_{φ_k}, and
stochastic reconfiguration takes it as it is.  Choo, Carleo, Regnault and Neupert 2018, arXiv:1807.03325; Pathak,
Busemeyer, Rodrigues and Wagner 2021, arXiv:2009.01385.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Key

from isinglass.approximation.ensemble import AbstractEnsemble, Draws, sample
from isinglass.approximation.fidelity import log_ratio
from isinglass.approximation.log_derivatives import log_derivatives, params_like
from isinglass.approximation.stochastic_reconfiguration import natural_step
from isinglass.nets.quantum_state import AbstractQuantumState
from isinglass.systems.hamiltonian import Hamiltonian

__all__ = ["Excited", "ExcitedState", "Info", "State", "excite"]


class State(NamedTuple):
    """What the next step needs."""

    params: Any  # of ψ
    n: Any  # chains of ψ
    lower: tuple[Any, ...]  # chains of each φ_k


class Info(NamedTuple):
    """What a person needs of a step."""

    energy: Float[Array, ""]  # <H>, without the penalty
    variance: Float[Array, ""]  # of the local estimator of H'
    fidelity: Float[Array, " k"]  # with each φ_k


class Excited(NamedTuple):
    """What an optimization gives."""

    psi: AbstractQuantumState
    history: Info  # of each step
    status: str  # step limit, or diverged at step n


class ExcitedState(eqx.Module):
    """θ <- θ - η (S + shift)^-1 F on H'.

    `penalty` λ_k must exceed the distance E - E_k of the wanted level from each lower one.
    Law: with the exact φ_k, <H'> is at least the next level, for every ψ.
    """

    hamiltonian: Hamiltonian
    lower: tuple[AbstractQuantumState, ...]  # φ_k
    penalty: float
    ensemble: AbstractEnsemble
    rate: float = 0.05
    shift: float = 0.01
    chunk: int | None = eqx.field(static=True, default=None)

    def init(self, key: Key[Array, ""], psi: AbstractQuantumState) -> State:
        """Chains of all states, after a warm-up."""
        begin = eqx.filter_jit(lambda k, psi: sample(jax.random.fold_in(key, k), self.ensemble, psi)[1])
        lower = tuple(begin(k + 1, phi) for k, phi in enumerate(self.lower))
        return State(eqx.filter(psi, eqx.is_inexact_array), begin(0, psi), lower)

    def lifted(
        self, psi: AbstractQuantumState, draws: Draws, phi: AbstractQuantumState, lower: Draws
    ) -> tuple[Complex[Array, "R D"], Float[Array, ""]]:
        """The local estimator of |φ><φ| / <φ|φ>, and its average F(ψ, φ)."""
        up = log_ratio(self.ensemble, phi, psi, draws.n).astype(complex)
        down = log_ratio(self.ensemble, psi, phi, lower.n).astype(complex)
        scale = down.real.mean().astype(complex)  # of the norms, which cancels
        overlap, _ = self.ensemble.average(jnp.exp(down - scale), lower.weights)
        local = jnp.exp(up + scale) * overlap
        return local, self.ensemble.average(local, draws.weights)[0].real

    def step(self, key: Key[Array, ""], state: State, static: Any) -> tuple[State, Info]:
        """Draw from all states, solve, move the parameters."""
        psi = eqx.combine(state.params, static)
        keys = jax.random.split(key, 1 + len(self.lower))
        draws, n = self.ensemble.draw(keys[0], psi, state.n)
        E = self.ensemble.local(self.hamiltonian, psi, draws).astype(complex)
        energy = self.ensemble.average(E, draws.weights)[0].real
        ends, fidelities = [], []
        for key_k, phi, n_k in zip(keys[1:], self.lower, state.lower, strict=True):
            lower, end = self.ensemble.draw(key_k, phi, n_k)
            local, fidelity = self.lifted(psi, draws, phi, lower)
            E = E + jnp.asarray(self.penalty, complex) * local
            ends.append(end)
            fidelities.append(fidelity)
        w = draws.weights.reshape(-1)
        x = self.ensemble.space.variables(draws.n.reshape(-1, draws.n.shape[-1]), float)
        derivatives = log_derivatives(psi, x, w, self.chunk)
        delta = natural_step(derivatives, derivatives.centered(E.reshape(-1)), self.shift)
        change = params_like(psi, jnp.asarray(self.rate, delta.dtype) * delta)
        params = jax.tree.map(lambda p, d: p - d, state.params, change)
        variance = w @ jnp.abs(E.reshape(-1) - w.astype(complex) @ E.reshape(-1)) ** 2
        return State(params, n, tuple(ends)), Info(energy, variance, jnp.asarray(fidelities, float))


@eqx.filter_jit
def block(key: Key[Array, ""], method: ExcitedState, state: State, static: Any, steps: int):
    """Many steps in one program."""
    one = lambda state, key: method.step(key, state, static)  # noqa: E731
    return jax.lax.scan(one, state, jax.random.split(key, steps))


def excite(
    key: Key[Array, ""],
    method: ExcitedState,
    psi: AbstractQuantumState,
    steps: int,
    *,
    block_steps: int = 50,
    progress: Callable[[int, int, str], None] = lambda done, total, text: None,
) -> Excited:
    """So many steps from ψ, a block of them in one program; a step that is not finite ends the run."""
    static = eqx.filter(psi, eqx.is_inexact_array, inverse=True)
    state, status = method.init(jax.random.fold_in(key, 2**31), psi), "step limit"
    rows = [Info(jnp.zeros(0), jnp.zeros(0), jnp.zeros((0, len(method.lower))))]
    for done in range(0, steps, block_steps):
        new, info = block(jax.random.fold_in(key, done), method, state, static, min(block_steps, steps - done))
        if not np.isfinite(np.asarray(info.energy)).all():
            status = f"diverged after step {done}; use a smaller rate or a larger shift"
            break
        state = new
        rows.append(info)
        progress(done + len(rows[-1].energy), steps, f"<H> = {rows[-1].energy[-1]:.8g}")
    history = Info(*(jnp.concatenate(column) for column in zip(*rows, strict=True)))
    return Excited(eqx.combine(state.params, static), history, status)
