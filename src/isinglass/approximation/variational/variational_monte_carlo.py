# SPDX-License-Identifier: Apache-2.0
"""Variational Monte Carlo: sample |ψ|², step along the natural gradient of <H>, many steps in one program."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec
from jaxtyping import Array, Float, Key, Shaped

from isinglass.approximation.variational.born_sampling import AbstractBornSampler
from isinglass.approximation.variational.energy import averaged, expected_values
from isinglass.approximation.variational.local_energy import local_energies
from isinglass.approximation.variational.log_derivatives import log_derivatives, params_like
from isinglass.approximation.variational.stochastic_reconfiguration import StochasticReconfiguration
from isinglass.approximation.variational.update_rule import AbstractOptimizer
from isinglass.errors import InputError
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.result import Estimate
from isinglass.run.blas import one_blas_thread
from isinglass.run.loop import Log, Loop, Steps
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = [
    "AbstractMonteCarlo",
    "Optimized",
    "VMCDiagnostics",
    "VMCState",
    "VariationalMonteCarlo",
    "Watch",
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
    status: str  # step limit, converged, stopped or diverged at step n
    seen: list[dict[str, float]]  # what a Watch saw, a row for each block


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


class Watch(eqx.Module):
    """What is looked at after each block: observables of the state, and what a function says to them.

    `callback(step, {name: Estimate})` ends the run by returning True.  The samples are of their own: no step changes.
    Errors: InputError for a callback that returns anything but True, False or None; what it raises is passed on.
    """

    operators: Mapping[str, Hamiltonian]
    callback: Callable[[int, dict[str, Estimate]], Any] | None = None

    def names(self) -> list[str]:
        """The energy first."""
        return ["energy", "energy_variance", *self.operators]

    def look(
        self, key: Key[Array, ""], vmc: VariationalMonteCarlo, psi: AbstractQuantumState, samples: Any
    ) -> dict[str, Estimate]:
        """<H>, Var H and each observable, from one draw of the sampler."""
        n, E, weights = drawn_beside(key, vmc, psi, samples)
        energy = averaged(np.asarray(E), None if weights is None else np.asarray(weights))
        values = expected_values(self.operators, psi, n, weights, vmc.chunk)
        return dict(zip(self.names()[:2], energy, strict=True)) | values

    def stops(self, step: int, seen: dict[str, Estimate]) -> bool:
        """Whether the callback ends the run."""
        answer = None if self.callback is None else self.callback(step, seen)
        if not (answer is None or isinstance(answer, bool | np.bool_)):
            found = f"a {type(answer).__name__} at step {step}"
            raise InputError("True, False or None from the callback", found, "return True to stop")
        return bool(answer)


@eqx.filter_jit
def drawn_beside(key, vmc: VariationalMonteCarlo, psi, samples):
    """States [R, D, N], their local energies [R, D] and weights, of a draw that the run does not use."""
    drawn, _ = vmc.sampler.draw(key, psi, samples, vmc.hamiltonian.space)
    R, D, N = drawn.n.shape
    E = local_energies(vmc.hamiltonian, psi, drawn.n.reshape(-1, N), vmc.chunk)
    return drawn.n, E.reshape(R, D), drawn.weights


class Looks(NamedTuple):
    """What a Watch saw, a row for each block."""

    step: Float[np.ndarray, " blocks"]
    value: Float[np.ndarray, "blocks names"]
    error: Float[np.ndarray, "blocks names"]
    stopped: Float[np.ndarray, " blocks"]  # 1 where the callback ended the run

    def rows(self, names: list[str], step: int) -> list[dict[str, float]]:
        """Name -> value and NAME_error -> error, up to this step."""
        found = []
        for at, values, errors in zip(self.step, self.value, self.error, strict=True):
            row = {"step": float(at)}
            for name, value, error in zip(names, values, errors, strict=True):
                row |= {name: float(value), f"{name}_error": float(error)}
            found += [row] if 0 < at <= step else []
        return found


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
    window: int | None = None, tolerance: float = 0.0, zero: float = 0.0, spread: float = 0.0,
    watch: Watch | None = None, checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Optimized:  # fmt: skip
    """At most `steps` steps, a block of them in one program; `watch` looks at a VariationalMonteCarlo after each.

    Ends early once the mean energy of `window` steps, by default a block, lies less than `tolerance` |E - zero| below
    that of those before, twice; once √Var H is below `spread` at the end of two windows: ψ is an eigenstate; or where
    the callback of `watch` says so.
    Law: bit-identical for any interruption, given the same blocks.  A step that is not finite ends the run; the last
    good block is kept.
    Errors: Interrupted after a signal, with the checkpoint written; ValueError for the checkpoint of another run.
    """
    static, window = eqx.partition(psi, eqx.is_inexact_array)[1], window or block_steps
    parts = (vmc, psi, watch and watch.operators)
    settings = (steps, block_steps, *(watch.names() if watch is not None else ()))
    loop = Loop(checkpoint, progress, key=key, parts=parts, settings=settings)
    rows = vmc.diagnostics(*np.zeros((len(vmc.diagnostics._fields), steps)))
    log = loop.resume(
        Log(vmc.init(jax.random.fold_in(key, 2**31), psi), (rows, blank(watch, -(-steps // block_steps))))
    )

    def advance(log: Log) -> Steps:
        n = min(block_steps, steps - log.done)
        state, diagnostics = block(jax.random.fold_in(key, log.done), vmc, log.state, static, n)
        E, looks = np.asarray(diagnostics.energy), None
        finite = np.isfinite(E)
        finite[-1] &= all(bool(np.isfinite(np.asarray(leaf)).all()) for leaf in jax.tree.leaves(state.params))
        if watch is not None and finite.all():
            looks = looked(key, watch, vmc, eqx.combine(state.params, static), state.samples, log, n, loop)
        return Steps(state, (diagnostics, looks), n, f"<H> = {E[-1]:.8g}", finite)

    def ended(log: Log) -> bool:
        rows, looks = log.rows
        still = rows.variance[: log.done][-1::-window][:2] if spread else np.zeros(0)
        settled = len(still) == 2 and bool((still < spread**2).all())
        return stopped(looks) or settled or converged(rows.energy[: log.done] - zero, window, tolerance)

    log, bad = loop(log, advance, steps, ended)
    loop.save(log)
    rows, looks = log.rows
    status = f"{'stopped by the callback' if stopped(looks) else 'converged'} at step {log.done}"
    status = status if ended(log) else "step limit"
    if bad is not None:
        status = f"diverged at step {bad}; use a smaller rate or a larger shift"
    history = {name: row[: log.done] for name, row in rows._asdict().items()}
    seen = looks.rows(watch.names(), log.done) if watch is not None else []
    return Optimized(eqx.combine(log.state.params, static), log.state.samples, history, status, seen)


def blank(watch: Watch | None, blocks: int) -> Looks | None:
    """Rows for what will be seen."""
    if watch is None:
        return None
    names = len(watch.names())
    return Looks(np.zeros(blocks), np.zeros((blocks, names)), np.zeros((blocks, names)), np.zeros(blocks))


def stopped(looks: Looks | None) -> bool:
    """Whether the callback has ended the run."""
    return looks is not None and bool(looks.stopped.any())


def looked(key, watch: Watch, vmc: Any, psi: Any, samples: Any, log: Log, n: int, loop: Loop) -> Looks:
    """The row of a block of `n` steps; the checkpoint is written before what a callback raises is passed on."""
    step = log.done + n
    seen = watch.look(jax.random.fold_in(jax.random.fold_in(key, 2**31 + 1), step), vmc, psi, samples)
    try:
        stop = watch.stops(step, seen)
    except BaseException:
        loop.save(log)
        raise
    ordered = [seen[name] for name in watch.names()]
    value, error = np.array([[e.value, np.nan if e.error is None else e.error] for e in ordered]).T
    return Looks(np.full(1, float(step)), value[None], error[None], np.full(1, float(stop)))


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
