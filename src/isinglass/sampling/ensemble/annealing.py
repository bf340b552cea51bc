# SPDX-License-Identifier: Apache-2.0
"""Simulated annealing: a sampler with decreasing temperature, as an optimizer.

Ref: Kirkpatrick, Gelatt and Vecchi 1983, doi:10.1126/science.220.4598.671.
"""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from isinglass.errors import InputError
from isinglass.run.loop import Log, Loop, Steps
from isinglass.run.progress import ProgressCallable
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.system import AbstractSystem

__all__ = ["AbstractTemperatureSchedule", "Annealed", "Geometric", "Linear", "Logarithmic", "anneal"]

SITES_PER_BLOCK = 5e7  # spin updates in a block: about a second


class AbstractTemperatureSchedule(eqx.Module):
    """Temperature T(t) as a function of the fraction t of the run, 0 <= t <= 1."""

    @abstractmethod
    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        """T(t) for fractions t of the run."""


class Linear(AbstractTemperatureSchedule):
    """T = T_hot + (T_cold - T_hot) t."""

    hot: float
    cold: float

    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        return self.hot + (self.cold - self.hot) * t


class Geometric(AbstractTemperatureSchedule):
    """T = T_hot (T_cold / T_hot)^t: a constant factor per sweep."""

    hot: float
    cold: float

    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        return self.hot * (self.cold / self.hot) ** t


class Logarithmic(AbstractTemperatureSchedule):
    """T = T_hot / ln(e + sweeps t), slow enough for convergence: doi:10.1109/TPAMI.1984.4767596."""

    hot: float
    sweeps: int

    def __call__(self, t: Float[Array, "*n"]) -> Float[Array, "*n"]:
        return self.hot / jnp.log(jnp.e + self.sweeps * t)


class Annealed(NamedTuple):
    """Result of R annealing runs: best configurations and energies."""

    x: Shaped[Array, "..."]  # the best configuration of each run
    energy: Float[Array, "*systems R"]  # its energy; with an axis of systems first where several were given
    trace: Float[np.ndarray, "*systems sweeps R"]  # energy after each sweep
    temperature: Float[Array, " sweeps"]
    status: str  # done, or diverged at sweep n


class State(NamedTuple):
    """The state of each system and run between two sweeps."""

    x: Shaped[Array, "S R *site"]
    best: Shaped[Array, "S R *site"]
    energy: Float[Array, "S R"]  # of the best


def anneal(
    key,
    sampler: AbstractSampler,
    system: AbstractSystem | Sequence[AbstractSystem],
    schedule: AbstractTemperatureSchedule,
    *,
    sweeps: int,
    runs: int,
    checkpoint: Path | None = None,
    progress: ProgressCallable | None = None,
) -> Annealed:
    """Run `runs` independent annealings of `sweeps` sweeps each, in blocks of about a second.

    Several systems that differ in the values of their parameters, such as disorder samples, run side by side.
    Law: the best energy of a run never rises, and no energy is below the ground state's; bit-identical for any
    interruption.  Cost: sweeps x runs sweeps of each system.
    Errors: Interrupted after a signal, with the checkpoint written; ValueError for the checkpoint of another run;
    InputError for systems of several kinds, graphs or symmetries.
    """
    systems = [system] if isinstance(system, AbstractSystem) else list(system)
    keys = key[None] if isinstance(system, AbstractSystem) else jax.random.split(key, len(systems))
    varying, shared = side_by_side(systems)
    state, sweep_keys, temperature = begin(keys, varying, shared, schedule, sweeps, runs)
    size = min(sweeps, max(1, int(SITES_PER_BLOCK / state.x.size)))
    loop = Loop(checkpoint, progress, key=key, parts=(sampler, systems, schedule), settings=(sweeps, runs))
    trace = np.full((sweeps, *state.energy.shape), np.nan, state.energy.dtype)

    def advance(log: Log) -> Steps:
        n = min(size, sweeps - log.done)
        counts = jnp.array([log.done, n])  # traced: new numbers, the same program
        state, E = block(sweep_keys, sampler, varying, shared, log.state, 1.0 / temperature, counts, size)
        E = np.moveaxis(np.asarray(E), 1, 0)[:n]
        return Steps(state, E, n, f"annealing at T = {temperature[log.done]:.3g}", np.isfinite(E).all((1, 2)))

    log, bad = loop(loop.resume(Log(state, trace)), advance, sweeps)
    loop.save(log)
    which = 0 if isinstance(system, AbstractSystem) else slice(None)
    status = "done" if bad is None else f"diverged at sweep {bad}; the best before it is kept"
    trace = np.moveaxis(log.rows, 1, 0)[which]
    return Annealed(log.state.best[which], log.state.energy[which], trace, temperature, status)


def side_by_side(systems: Sequence[AbstractSystem]) -> tuple[Any, Any]:
    """The parameters in which the systems differ, stacked [S, ...], and those that they share.

    Errors: InputError for systems of several kinds, graphs or symmetries.
    """
    kinds = {jax.tree.structure(system): system for system in systems}
    shapes = {tuple(np.shape(leaf) for leaf in jax.tree.leaves(system)) for system in systems}
    if len(kinds) > 1 or len(shapes) > 1:
        found = ", ".join(f"{type(system).__name__} of shape {system.shape}" for system in kinds.values())
        raise InputError("systems that differ in the values of their parameters alone", found, "anneal them one by one")
    differs = jax.tree.map(lambda *a: eqx.is_array(a[0]) and any(not np.array_equal(a[0], b) for b in a[1:]), *systems)
    parts = [eqx.filter(system, differs) for system in systems]
    return jax.tree.map(lambda *a: jnp.stack(a), *parts), eqx.filter(systems[0], differs, inverse=True)


@eqx.filter_jit
def begin(keys, varying: Any, shared: Any, schedule: AbstractTemperatureSchedule, sweeps: int, runs: int):
    """Starting states, a key for each sweep, and the temperatures."""

    def one(key, varying):
        system = eqx.combine(varying, shared)
        key_start, key_sweeps = jax.random.split(key)
        x = jax.vmap(system.random_configuration)(jax.random.split(key_start, runs))
        return State(x, x, jax.vmap(system.energy)(x)), jax.random.split(key_sweeps, sweeps)

    return *jax.vmap(one)(keys, varying), schedule(jnp.linspace(0.0, 1.0, sweeps))


@eqx.filter_jit
def block(keys, sampler: AbstractSampler, varying: Any, shared: Any, state: State, beta, counts, size: int):
    """In one compiled program, from sweep number `first` on: n sweeps with the energies after each; at most `size`."""
    first, n = counts

    def one(keys, varying, state):
        system = eqx.combine(varying, shared)

        def sweep(i, carry):
            (x, best, best_energy), trace = carry
            at_beta = eqx.tree_at(lambda s: s.beta, system, beta[first + i])
            step_keys = jax.random.split(keys[first + i], len(x))
            x, _ = jax.vmap(sampler.step, in_axes=(0, 0, None))(step_keys, x, at_beta)
            E = jax.vmap(system.energy)(x)
            better = (E < best_energy).reshape(len(x), *(1,) * (x.ndim - 1))
            state = State(x, jnp.where(better, x, best), jnp.minimum(E, best_energy))
            return state, trace.at[i].set(E)

        return jax.lax.fori_loop(0, n, sweep, (state, jnp.zeros((size, *state.energy.shape), state.energy.dtype)))

    return jax.vmap(one)(keys, varying, state)
