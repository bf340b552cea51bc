# SPDX-License-Identifier: Apache-2.0
"""Variational Monte Carlo: sample |ψ|², step along the natural gradient of <H>, many steps in one program."""

from abc import abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Key, Shaped

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.approximation.variational.log_derivatives import log_derivatives, params_like
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.update_rule import AbstractOptimizer
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.run.blas import one_blas_thread
from isinglass.run.loop import Log, Loop, Steps
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = [
    "AbstractMonteCarlo",
    "Optimized",
    "VMCDiagnostics",
    "VMCState",
    "VariationalMonteCarlo",
    "block",
    "moments",
    "no_step",
    "optimize",
]


class VMCState(NamedTuple):
    """Parameters and the states of sampler and optimizer: what the next step needs."""

    params: Any  # of the wavefunction
    samples: Any  # what the sampler remembers
    memory: Any  # of the optimizer


class VMCDiagnostics(NamedTuple):
    """Energy, its variance and the acceptance, at one step."""

    energy: Float[Array, ""]
    variance: Float[Array, ""]  # of the local energy
    acceptance: Float[Array, ""]


class Optimized(NamedTuple):
    """The optimized state, and the diagnostics of every step."""

    psi: Any  # of the kind that was given
    samples: Any  # what the sampler remembers
    history: dict[str, Float[np.ndarray, " steps"]]  # diagnostics of each step: energy, variance, acceptance
    status: str  # step limit, converged or diverged at step n


class AbstractMonteCarlo(eqx.Module):
    """A step of stochastic optimization, which `optimize` repeats."""

    diagnostics: ClassVar[type] = VMCDiagnostics  # of each step: numbers by name, the energy among them

    @abstractmethod
    def init(self, key: Key[Array, ""], psi: Any) -> VMCState:
        """The state before the first step, for the untrained ψ."""

    @abstractmethod
    def step(self, key: Key[Array, ""], state: VMCState, static: Any) -> tuple[VMCState, Any]:
        """Sample, solve, update the parameters; `static` is ψ without its parameters."""


class VariationalMonteCarlo(AbstractMonteCarlo):
    """Sample |ψ|², take the local energies and logarithmic derivatives of the samples, move the parameters.

    `chunk` samples at a time where memory is short; it changes no result.  `mesh` shards chains and samples over its
    devices, where their number divides by that of the devices.
    Law: the same numbers for any number of devices, but for the rounding of sums over samples.
    """

    hamiltonian: Hamiltonian
    sampler: AbstractBornSampler
    optimizer: AbstractOptimizer = StochasticReconfiguration()
    chunk: int | None = eqx.field(static=True, default=None)
    mesh: Mesh | None = eqx.field(static=True, default=None)

    def init(self, key: Key[Array, ""], psi: AbstractQuantumState) -> VMCState:
        memory = self.sampler.init(key, self.hamiltonian.space)
        theta = no_step(psi, self.hamiltonian.space.n_sites)
        return VMCState(eqx.filter(psi, eqx.is_inexact_array), memory, self.optimizer.init(theta))

    def step(self, key: Key[Array, ""], state: VMCState, static: Any) -> tuple[VMCState, VMCDiagnostics]:
        psi, space = eqx.combine(state.params, static), self.hamiltonian.space
        drawn, samples = self.sampler.draw(key, psi, sharded(state.samples, self.mesh), space)
        n = sharded(drawn.n.reshape(-1, space.n_sites), self.mesh)
        E = local_energies(self.hamiltonian, psi, n, self.chunk)
        derivatives = log_derivatives(psi, space.variables(n, float), drawn.weights, self.chunk)
        update, memory = self.optimizer.step(derivatives, E, state.memory)
        params = jax.tree.map(lambda p, d: p - d, state.params, params_like(psi, update))
        energy, variance = moments(E, drawn.weights)
        return VMCState(params, samples, memory), VMCDiagnostics(energy, variance, drawn.acceptance)


def sharded(rows: Any, mesh: Mesh | None) -> Any:
    """Every array split along its first axis, over the first axis of the mesh."""
    if mesh is None or any(len(a) == 0 or len(a) % mesh.devices.size for a in jax.tree.leaves(rows)):
        return rows
    along = NamedSharding(mesh, PartitionSpec(mesh.axis_names[0]))
    return jax.tree.map(lambda a: jax.lax.with_sharding_constraint(a, along), rows)


def moments(E: Shaped[Array, " B"], weights: Float[Array, " B"] | None) -> tuple[Float[Array, ""], Float[Array, ""]]:
    """Re <E> and <|E - <E>|²>, weighted."""
    w = jnp.full(len(E), 1 / len(E)) if weights is None else weights
    mean = w.astype(E.dtype) @ E
    return mean.real, w @ jnp.abs(E - mean) ** 2


@eqx.filter_jit
def block(key: Key[Array, ""], vmc: AbstractMonteCarlo, state: VMCState, static: Any, steps: int):
    """Many steps in one program, with the diagnostics of each."""
    one = lambda state, key: vmc.step(key, state, static)  # noqa: E731
    return jax.lax.scan(one, state, jax.random.split(key, steps))


@one_blas_thread()
def optimize(
    key: Key[Array, ""], vmc: AbstractMonteCarlo, psi: Any, steps: int, *, block_steps: int = 50,
    tolerance: float = 0.0, checkpoint: Path | None = None, progress: Callable[[int, int, str], None] | None = None,
) -> Optimized:  # fmt: skip
    """At most `steps` steps, a block of them in one program.

    Ends early once the mean energy of a block lies less than `tolerance` |E| below that of the block before, twice.
    Law: bit-identical for any interruption, given the same blocks.  A step that is not finite ends the run; the last
    good block is kept.
    Errors: Interrupted after a signal, with the checkpoint written; ValueError for the checkpoint of another run.
    """
    static = eqx.partition(psi, eqx.is_inexact_array)[1]
    loop = Loop(checkpoint, progress, key=key, parts=(vmc, psi), settings=(steps, block_steps))
    rows = vmc.diagnostics(*np.zeros((len(vmc.diagnostics._fields), steps)))
    log = loop.resume(Log(vmc.init(jax.random.fold_in(key, 2**31), psi), rows))

    def advance(log: Log) -> Steps:
        n = min(block_steps, steps - log.done)
        state, diagnostics = block(jax.random.fold_in(key, log.done), vmc, log.state, static, n)
        E = np.asarray(diagnostics.energy)
        return Steps(state, diagnostics, n, f"<H> = {E[-1]:.8g}", np.isfinite(E))

    ended = lambda log: converged(log.rows.energy[: log.done], block_steps, tolerance)  # noqa: E731
    log, bad = loop(log, advance, steps, ended)
    loop.save(log)
    status = f"converged at step {log.done}" if ended(log) else "step limit"
    if bad is not None:
        status = f"diverged at step {bad}; use a smaller rate or a larger shift"
    history = {name: row[: log.done] for name, row in log.rows._asdict().items()}
    return Optimized(eqx.combine(log.state.params, static), log.state.samples, history, status)


def converged(energy: Float[np.ndarray, " steps"], block_steps: int, tolerance: float) -> bool:
    """Whether the mean over a block fell by less than tolerance |E|, twice."""
    if not tolerance or len(energy) < 3 * block_steps:
        return False
    means = energy[-3 * block_steps :].reshape(3, block_steps).mean(1)
    return bool((means[:-1] - means[1:] < tolerance * abs(means[-1])).all())


def no_step(psi: AbstractQuantumState, n_sites: int) -> Shaped[Array, " P"]:
    """Zeros, as many as the derivatives have columns, and of their kind."""

    def like(psi):
        derivatives = log_derivatives(psi, jnp.ones((2, n_sites)))
        return derivatives.pull(derivatives.centered(jnp.ones(2)))

    theta = eqx.filter_eval_shape(like, psi)
    return jnp.zeros(theta.shape, theta.dtype)
