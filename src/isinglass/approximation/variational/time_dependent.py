# SPDX-License-Identifier: Apache-2.0
"""Time-dependent variational Monte Carlo: Schrödinger's equation projected on the parameters.

    θ' = argmin <|ΔO θ' - z ΔE|²>,   S θ' = F,   S = Re<ΔO^† ΔO>,   F = Re<z ΔO^† ΔE>,

z = -i in real time, -1 in imaginary time; O_k = ∂ ln ψ / ∂θ_k, E the local energy, θ real (a complex parameter counts
as two).  This is McLachlan's principle; where ψ is holomorphic in complex parameters it is the time-dependent
variational principle too, and <H> is conserved.  Carleo et al. 2012, doi:10.1038/srep00243; Yuan et al. 2019,
arXiv:1812.08767.  The residual bounds the distance from the exact evolution of the same start,

    |ψ_θ(t) - exp(-iHt) ψ_θ(0)| <= ∫_0^t √(r² Var H) ds,   r² = min <|ΔO θ' - z ΔE|²> / Var H,

up to a phase.  Martinazzo and Burghardt 2020, doi:10.1103/PhysRevLett.124.150601.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Complex, Float, Key

from isinglass.approximation.variational.ensemble import AbstractBornAverage, WeightedStates, sample
from isinglass.approximation.variational.log_derivatives import as_real, from_real, jacobian
from isinglass.nets.layer.runge_kutta import TABLES, Solver
from isinglass.nets.wavefunction.quantum_state import AbstractQuantumState
from isinglass.run.blas import one_blas_thread
from isinglass.run.loop import Log, Loop, Steps
from isinglass.systems.quantum.hamiltonian import Hamiltonian

__all__ = ["Evolved", "Motion", "Row", "TimeDependent", "TimeDependentState", "block", "evolve", "velocity"]


class TimeDependentState(NamedTuple):
    """Parameters and state of the sampler: what the next step needs."""

    theta: Float[Array, " P"]
    samples: Any  # what the ensemble remembers


class Motion(NamedTuple):
    """Energy, its variance and the residual r² at one time."""

    energy: Float[Array, ""]
    variance: Float[Array, ""]  # of H
    residual: Float[Array, ""]  # r²: 0 is exact, 1 means that the parameters follow nothing of the motion


class Row(NamedTuple):
    """Parameters, motion and observables at one time."""

    theta: Float[Array, " P"]
    motion: Motion
    observables: dict[str, tuple[Float[Array, ""], Float[Array, ""]]]  # <A> and its error


class Evolved(NamedTuple):
    """The evolved state, and what was measured at each time."""

    psi: AbstractQuantumState  # at the last time
    times: Float[np.ndarray, " times"]
    path: Float[np.ndarray, "times P"]  # θ, as `as_real` orders it
    motion: Motion  # at each time
    observables: dict[str, Float[np.ndarray, " times"]]
    errors: dict[str, Float[np.ndarray, " times"]]
    status: str  # end of the times, or diverged after t

    @property
    def distance_bound(self) -> Float[np.ndarray, " times"]:
        """∫_0^t √(r² Var H) ds by trapezoids; of imaginary time it is none, since that is no unitary motion."""
        rate = np.sqrt(np.asarray(self.motion.residual * self.motion.variance))
        return np.append(0.0, np.cumsum(np.diff(self.times) * (rate[1:] + rate[:-1]) / 2))


class TimeDependent(eqx.Module):
    """Steps of Heun or of Runge and Kutta along θ'.

    Eigenvalues of S below `cutoff` of the largest are left out, and so are directions whose force is below
    `signal_to_noise` of its standard errors, both softly (Schmitt and Heyl 2020, arXiv:1912.08828, eq. 14).
    Cost of a stage: B P² + P³.
    Law: with all states and an ansatz that spans the space, error O(dt²) or O(dt⁴).
    """

    hamiltonian: Hamiltonian
    ensemble: AbstractBornAverage
    imaginary: bool = eqx.field(static=True, default=False)  # time
    solver: Solver = eqx.field(static=True, default="rk4")
    cutoff: float = 1e-9
    signal_to_noise: float = eqx.field(static=True, default=0.0)
    chunk: int | None = eqx.field(static=True, default=None)

    def motion(self, psi: AbstractQuantumState, draws: WeightedStates) -> tuple[Float[Array, " P"], Motion]:
        """θ' from samples of |ψ|², with energy, variance and residual."""
        n, w = draws.n.reshape(-1, draws.n.shape[-1]), draws.weights.reshape(-1)
        E = self.ensemble.local(self.hamiltonian, psi, draws).reshape(-1).astype(complex)
        O_real, O_imaginary = jacobian(psi, self.hamiltonian.space.variables(n, float), self.chunk)
        mean = (w.astype(complex) @ E).real
        dE = E - mean.astype(complex)
        rate = -dE if self.imaginary else -1j * dE
        theta_dot, residual = velocity(
            O_real, O_imaginary, rate, w, len(draws.n), cutoff=self.cutoff, signal_to_noise=self.signal_to_noise
        )
        return theta_dot, Motion(mean, w @ jnp.abs(dE) ** 2, residual)

    def step(
        self, key: Key[Array, ""], state: Any, theta: Float[Array, " P"], n: Any, dt: Float[Array, ""]
    ) -> tuple[Float[Array, " P"], Any, Motion]:
        """θ a time dt later, and the motion at the beginning; `state(theta)` is ψ."""
        a, b = TABLES[self.solver]

        def stage(carry, now):
            k, n = carry
            key, a = now
            psi = state(theta + a * dt * k)
            draws, n = self.ensemble.draw(key, psi, n)
            k, motion = self.motion(psi, draws)
            return (k, n), (k, motion)

        stages = (jax.random.split(key, len(a)), jnp.asarray(a, float))
        (_, n), (k, motion) = jax.lax.scan(stage, (jnp.zeros_like(theta), n), stages)
        return theta + dt * (jnp.asarray(b, float) @ k), n, jax.tree.map(lambda rows: rows[0], motion)


def velocity(
    O_real: Float[Array, "B P"], O_imaginary: Float[Array, "B P"] | None, rate: Complex[Array, " B"],
    weights: Float[Array, " B"], groups: int, *, cutoff: float, signal_to_noise: float = 0.0,
) -> tuple[Float[Array, " P"], Float[Array, ""]]:  # fmt: skip
    """θ' and r² from O, the rate that d ln ψ / dt should have less its mean, and weights whose sum is 1.

    Samples come in `groups` of equal size that are independent.  Law: 0 <= r² <= 1; 0 where some θ' gives the rate.
    """
    parts = [(O_real, rate.real)] + ([] if O_imaginary is None else [(O_imaginary, rate.imag)])
    root = jnp.sqrt(weights)[:, None]
    dO = [root * (a - (weights @ a)[None]) for a, _ in parts]
    e = [root[:, 0] * r for _, r in parts]
    dO, e = jnp.concatenate(dO), jnp.concatenate(e)
    S, F = dO.T @ dO, dO.T @ e
    eigenvalues, V = jnp.linalg.eigh(S)
    share = eigenvalues / eigenvalues[-1]
    inverse = share**5 / (share**6 + jnp.asarray(cutoff, float) ** 6) / eigenvalues[-1]
    if signal_to_noise:
        force = ((dO @ V) * e[:, None]).reshape(len(parts), groups, -1, len(S)).sum((0, 2))  # of each group
        noise = jnp.std(force, axis=0, ddof=1) * groups**0.5
        signal = (jnp.abs(F @ V) / noise) ** 6
        inverse = inverse * signal / (signal + signal_to_noise**6)
    theta_dot = V @ (inverse * (V.T @ F))
    wanted = jnp.maximum(weights @ jnp.abs(rate) ** 2, jnp.finfo(float).tiny)
    followed = theta_dot @ (2 * F - S @ theta_dot)
    return theta_dot, jnp.clip(1 - followed / wanted, 0, 1)


def measure(
    method: TimeDependent, psi: AbstractQuantumState, draws: WeightedStates, observables: Mapping[str, Hamiltonian]
) -> dict[str, tuple[Float[Array, ""], Float[Array, ""]]]:
    """<A> and its standard error, for each observable."""
    local = {name: method.ensemble.local(A, psi, draws).real for name, A in observables.items()}
    return {name: method.ensemble.average(a, draws.weights) for name, a in local.items()}


def of_kind(psi: AbstractQuantumState, theta: Float[Array, " P"]) -> AbstractQuantumState:
    """ψ with other parameters."""
    params, static = eqx.partition(psi, eqx.is_inexact_array)
    return eqx.combine(from_real(theta, as_real(params)[1]), static)


@eqx.filter_jit
def block(
    key: Key[Array, ""], method: TimeDependent, psi: AbstractQuantumState, state: TimeDependentState,
    steps: Float[Array, " steps"], observables: Mapping[str, Hamiltonian],
) -> tuple[TimeDependentState, Row]:  # fmt: skip
    """Many steps in one program, with the measurements at the beginning of each; `psi` gives the form of the state."""
    kind = partial(of_kind, psi)

    def one(state, now):
        key, dt = now
        key_see, key_step = jax.random.split(key)
        draws, samples = method.ensemble.draw(key_see, kind(state.theta), state.samples)
        measured = measure(method, kind(state.theta), draws, observables)
        theta, samples, motion = method.step(key_step, kind, state.theta, samples, dt)
        return TimeDependentState(theta, samples), Row(state.theta, motion, measured)

    return jax.lax.scan(one, state, (jax.random.split(key, len(steps)), steps))


@eqx.filter_jit
def begin(key: Key[Array, ""], method: TimeDependent, psi: AbstractQuantumState) -> TimeDependentState:
    """The state before the first step, after a warm-up of the sampler."""
    return TimeDependentState(as_real(eqx.filter(psi, eqx.is_inexact_array))[0], sample(key, method.ensemble, psi)[1])


@one_blas_thread()
def evolve(
    key: Key[Array, ""], method: TimeDependent, psi: AbstractQuantumState, times: Float[np.ndarray, " times"],
    observables: Mapping[str, Hamiltonian] | None = None, *, block_steps: int = 25, checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Evolved:  # fmt: skip
    """ψ from the first of the times to the last, a step from each to the next, and the measurements at each.

    In blocks of equal length, at most `block_steps`, the last one filled up with steps of no length.
    Law: bit-identical for any interruption, given the same blocks.  A step that is not finite ends the run: the last
    good block is kept, all later rows are NaN.
    Errors: Interrupted after a signal, with the checkpoint written.
    """
    operators, end = dict(observables or {}), len(times)
    blocks = -(-end // block_steps)
    steps = np.zeros((blocks, -(-end // blocks)))
    steps.flat[: end - 1] = np.diff(times)  # at the last time it only measures
    state = begin(jax.random.fold_in(key, 2**31), method, psi)
    _, shapes = eqx.filter_eval_shape(block, key, method, psi, state, jnp.asarray(steps[0]), operators)
    rows = jax.tree.map(lambda row: np.full((steps.size, *row.shape[1:]), np.nan, row.dtype), shapes)
    report = progress and (lambda done, total, text: progress(min(done, end) - 1, end - 1, text))
    loop = Loop(checkpoint, report, key=key, parts=(method, psi, operators, steps), settings=steps.shape)

    def advance(log: Log) -> Steps:
        dt = jnp.asarray(steps[log.done // steps.shape[1]])
        state, row = block(jax.random.fold_in(key, log.done), method, psi, log.state, dt, operators)
        finite = np.isfinite(np.concatenate([row.theta[1:], state.theta[None]])).all(1)
        return Steps(state, row, len(dt), f"<H> = {row.motion.energy[-1]:.8g}", finite)

    log, bad = loop(loop.resume(Log(state, rows)), advance, steps.size)
    loop.save(log)
    status = "end of the times"
    if bad is not None:
        status = f"diverged after t = {times[min(bad, end - 1)]:.4g}; use smaller steps or a larger cutoff"
    path, motion, pairs = jax.tree.map(lambda row: row[:end], log.rows)
    values, errors = ({name: pair[k] for name, pair in pairs.items()} for k in (0, 1))
    return Evolved(of_kind(psi, log.state.theta), np.asarray(times), path, motion, values, errors, status)
