# SPDX-License-Identifier: Apache-2.0
"""Variational Monte Carlo: sample |ψ|², step along the natural gradient of <H>, many steps in one program."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Key

from isinglass.approximation.local_energy import local_energies
from isinglass.approximation.markov_chain import AbstractMove, sweeps
from isinglass.approximation.stochastic_reconfiguration import as_real, from_real, jacobian, natural_step
from isinglass.errors import Interrupted
from isinglass.nets.quantum_state import AbstractQuantumState
from isinglass.result import Estimate
from isinglass.stats.resampling import mean_over_groups
from isinglass.systems.hamiltonian import Hamiltonian
from isinglass.training.checkpoint import load_checkpoint, save_checkpoint
from isinglass.training.interrupt import Interruption

__all__ = ["Energy", "Info", "Optimized", "State", "VariationalMonteCarlo", "block", "measure", "optimize"]


class State(NamedTuple):
    """What the next step needs."""

    params: Any  # of the wavefunction
    n: Int[Array, "R N"]  # where the chains are


class Info(NamedTuple):
    """What a person needs of a step."""

    energy: Float[Array, ""]
    variance: Float[Array, ""]  # of the local energy
    acceptance: Float[Array, ""]


class Optimized(NamedTuple):
    """What an optimization gives."""

    psi: AbstractQuantumState
    n: Int[Array, "R N"]  # where the chains ended
    history: dict[str, Float[np.ndarray, " steps"]]  # energy, variance and acceptance of each step
    status: str  # step limit, or diverged at step n


class Energy(NamedTuple):
    """<H> in a fixed state."""

    energy: Estimate  # its error from the spread of the chains: right for any autocorrelation
    variance: Estimate  # <H²> - <H>², zero for an eigenstate
    v_score: float  # N Var H / <H>², comparable between systems (Wu et al. 2024, arXiv:2302.04919)

    def estimates(self) -> dict[str, Estimate]:
        """By their names."""
        return {
            "ground_state_energy": self.energy,
            "energy_variance": self.variance,
            "v_score": Estimate(self.v_score),
        }


class VariationalMonteCarlo(eqx.Module):
    """θ <- θ - η (S + λ)^-1 F, from `samples` of `chains` chains, `sweep` proposals between two samples of one."""

    hamiltonian: Hamiltonian
    move: AbstractMove
    samples: int = eqx.field(static=True, default=1008)
    chains: int = eqx.field(static=True, default=1008)
    sweep: int | None = eqx.field(static=True, default=None)  # by default as many as there are sites
    rate: float = 0.05
    shift: float = 0.01
    chunk: int | None = eqx.field(static=True, default=None)

    def init(self, key: Key[Array, ""], state: AbstractQuantumState) -> State:
        """Chains at random states of the sector."""
        n = jax.vmap(self.hamiltonian.space.random_state)(jax.random.split(key, self.chains))
        return State(eqx.filter(state, eqx.is_inexact_array), n)

    def draw(self, key: Key[Array, ""], state: AbstractQuantumState, n: Int[Array, "R N"]):
        """Samples in the order of the chains [R, samples / R, N], the chains' ends, and the share accepted."""
        space, steps = self.hamiltonian.space, self.sweep or self.hamiltonian.space.n_sites

        def one(n, key):
            n, accepted = sweeps(key, n, state, space, self.move, steps)
            return n, (n, accepted)

        n, (draws, accepted) = jax.lax.scan(one, n, jax.random.split(key, self.samples // self.chains))
        return jnp.moveaxis(draws, 0, 1), n, accepted.mean()

    def step(self, key: Key[Array, ""], state: State, static: Any) -> tuple[State, Info]:
        """Sample, solve, move the parameters."""
        psi = eqx.combine(state.params, static)
        draws, n, accepted = self.draw(key, psi, state.n)
        flat = draws.reshape(-1, draws.shape[-1])
        E = local_energies(self.hamiltonian, psi, flat, self.chunk)
        x = self.hamiltonian.space.variables(flat, float)
        delta = natural_step(*jacobian(psi, x, self.chunk), E, self.shift)
        theta, form = as_real(state.params)
        params = from_real(theta - jnp.asarray(self.rate, theta.dtype) * delta, form)
        return State(params, n), Info(E.mean().real, jnp.var(E), accepted)


@eqx.filter_jit
def block(key: Key[Array, ""], vmc: VariationalMonteCarlo, state: State, static: Any, steps: int):
    """Many steps in one program, and what a person needs of each."""
    one = lambda state, key: vmc.step(key, state, static)  # noqa: E731
    return jax.lax.scan(one, state, jax.random.split(key, steps))


def optimize(
    key: Key[Array, ""],
    vmc: VariationalMonteCarlo,
    psi: AbstractQuantumState,
    steps: int,
    *,
    block_steps: int = 50,
    checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Optimized:
    """So many steps, a block of them in one program.

    Law: bit-identical for any interruption, given the same blocks.  A step that is not finite ends the run; the last
    good block is kept.
    Errors: Interrupted after a signal, with the checkpoint written.
    """
    params, static = eqx.partition(psi, eqx.is_inexact_array)
    state, done = vmc.init(jax.random.fold_in(key, 2**31), psi), 0
    rows = Info(*cast("Any", np.zeros((3, steps))))
    run = {"key": np.asarray(jax.random.key_data(key)).tolist(), "steps": steps, "block": block_steps}
    if checkpoint is not None and checkpoint.exists():
        (state, rows), metadata = load_checkpoint(checkpoint, (state, rows))
        if metadata["run"] != run:
            raise ValueError(f"Expected the checkpoint of this very run, found another in {checkpoint}; remove it.")
        done = metadata["done"]
    status = "step limit"
    with Interruption() as stop:
        while done < steps:
            n = min(block_steps, steps - done)
            new, info = block(jax.random.fold_in(key, done), vmc, state, static, n)
            finite = np.isfinite(np.asarray(info.energy))
            if not finite.all():
                status = f"diverged at step {done + int(np.argmin(finite))}; use a smaller rate or a larger shift"
                break
            state = new
            for row, values in zip(rows, info, strict=True):
                cast("Any", row)[done : done + n] = np.asarray(values)
            done += n
            if progress is not None:
                progress(done, steps, f"<H> = {rows.energy[done - 1]:.8g}")
            if checkpoint is not None:
                save_checkpoint(checkpoint, (state, rows), {"run": run, "done": done})
            if stop.interrupted:
                raise Interrupted(f"stopped after {done} steps", checkpoint, stop.signal)
    history = {name: np.asarray(row)[:done] for name, row in rows._asdict().items()}
    return Optimized(eqx.combine(state.params, static), state.n, history, status)


def measure(
    key: Key[Array, ""], vmc: VariationalMonteCarlo, psi: AbstractQuantumState, n: Int[Array, "R N"]
) -> tuple[Energy, Float[np.ndarray, "R D"]]:
    """<H> and its variance from fresh samples of the chains, which start at n; and the local energies."""

    @eqx.filter_jit
    def run(key, psi, n):
        n, _ = vmc.draw(jax.random.fold_in(key, 0), psi, n)[1:]  # a warm-up as long
        draws = vmc.draw(jax.random.fold_in(key, 1), psi, n)[0]
        flat = draws.reshape(-1, draws.shape[-1])
        return local_energies(vmc.hamiltonian, psi, flat, vmc.chunk).reshape(draws.shape[:2])

    E: Any = np.asarray(run(key, psi, n))
    energy, error = (float(v) for v in mean_over_groups(jnp.asarray(E.real.mean(1))))
    spread = (np.abs(E - E.mean()) ** 2).mean(1)
    variance, variance_error = (float(v) for v in mean_over_groups(jnp.asarray(spread)))
    score = vmc.hamiltonian.space.n_sites * variance / energy**2
    return Energy(Estimate(energy, error), Estimate(variance, variance_error), score), E.real
