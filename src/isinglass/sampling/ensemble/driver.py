# SPDX-License-Identifier: Apache-2.0
"""The driver of every ensemble: warm-up, thinning, measurements, extension of the run, progress, interruption, resume.

Sweep number n of a run uses the key fold_in(key, n), so the numbers do not depend on how sweeps are cut into blocks,
or on where a run was interrupted.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.errors import InputError
from isinglass.memory import require_memory
from isinglass.run.loop import Log, Loop, Steps
from isinglass.sampling.chain.sampler import AbstractEnsemble, check_method, energies, mean_acceptance
from isinglass.sampling.ensemble.diagnosis import Diagnosis, diagnose
from isinglass.sampling.ensemble.identity import Identity, identity_of, identity_values
from isinglass.sampling.ensemble.multispin import WIDE_VECTORS
from isinglass.sampling.ensemble.quantity import Followed, followed, measured_values
from isinglass.symmetry.variable import Reals
from isinglass.systems.system import AbstractSystem, at_unit_beta

__all__ = ["Draws", "SamplingPlan", "draw"]

MEASUREMENTS = 64  # per chain, at least: fewer do not determine an autocorrelation time
SITES_PER_BLOCK = 2e8  # spin updates in a block: about a second


@dataclass(frozen=True)
class SamplingPlan:
    """How much to sample.  All counts are per temperature."""

    samples: int = 200  # configurations to keep
    chains: int = 32  # independent Markov chains
    thin: int = 10  # sweeps between two measurements of one chain, at first
    warmup: int = 1000  # sweeps before the first measurement
    effective_samples: float | None = None  # the run is doubled until every temperature has this many, and R-hat holds
    max_sweeps: int = 200_000  # the largest number of sweeps of a chain
    configurations: bool = True  # False: keep only energy and order parameter

    @property
    def draws(self) -> int:
        """Configurations to keep of each chain, so that chains x draws >= samples."""
        return -(-self.samples // self.chains)

    @property
    def stride(self) -> int:
        """Measurements from one configuration that is kept to the next."""
        return -(-MEASUREMENTS // self.draws)

    @property
    def measurements(self) -> int:
        """M, measurements of energy and order parameter in each chain."""
        return self.draws * self.stride

    def require_memory(self, system: AbstractSystem, temperatures: int) -> None:
        """Errors: InputError where configurations and measurements do not fit into memory."""
        n_bytes = 1 if system.variable.values is not None else 4
        sites = math.prod(system.shape) * n_bytes * (1 + self.draws * self.configurations)
        named = (
            f"{temperatures} x {self.chains} chains x {self.draws} of {' x '.join(map(str, system.shape))} variables"
        )
        require_memory("configurations", temperatures * self.chains * (sites + 16 * self.measurements), named)

    def thin_of(self, phase: int) -> int:
        """Sweeps between two measurements in phase 1, 2, ..., each twice as long as all before it."""
        return self.thin * 2 ** (phase - 1)

    def sweeps_before(self, phase: int, done: int) -> int:
        """Sweeps of a chain, warm-up included, before measurement `done` of a phase."""
        return self.warmup + self.measurements * (self.thin_of(phase) - self.thin) + done * self.thin_of(phase)


class Draws(NamedTuple):
    """Samples of a run, [temperature, chain, time].  Configuration k is that of measurement (k + 1) stride - 1."""

    x: Shaped[np.ndarray, "T R D *site"]
    energy: Float[np.ndarray, "T R M"]
    order: Float[np.ndarray, "T R M"]  # the system's order parameter
    identity: Float[np.ndarray, "T R m"] | None  # what `law` says the mean of, at some of the measurements
    law: Identity | None
    stride: int
    thin: int  # sweeps between measurements in the end
    sweeps: int  # sweeps of each chain, warm-up included
    diagnosis: Diagnosis
    status: str  # "done", or what was not reached, with advice
    acceptance: Float[np.ndarray, " T"]  # fraction of the proposals accepted; nan where the method does not report it
    seconds: float  # for the measurements, without warm-up and compilation
    folded: tuple[bool, ...] = ()  # of the quantities of the diagnosis: the absolute value is meant


class MeasuredRows(NamedTuple):
    """Samples and measurements so far."""

    x: Shaped[np.ndarray, "D T R *site"]  # configurations kept
    values: Float[np.ndarray, "M S T R"]  # the quantities, and the identity where it is looked at, at each measurement
    acceptance: Float[np.ndarray, "M reported"]  # since the last measurement, per temperature, if reported
    seconds: Float[np.ndarray, " M"]  # per measurement


def draw(
    key,
    ensemble: AbstractEnsemble,
    system: AbstractSystem,
    x: Shaped[jax.Array, "T R *site"],
    plan: SamplingPlan,
    *,
    observables: Mapping[str, Callable] | None = None,
    checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Draws:
    """Sample `system`, whose beta has shape [T], from the start x; `observables` that are one number are followed too.

    Errors: ValueError for a checkpoint of another run; Interrupted after a signal, with the checkpoint written;
    InputError for a warm-up shorter than the ensemble's adaptation, or a start of infinite or undefined energy.
    Law: bit-identical for any interruption and any block size; for any number of devices too, up to the rounding of
    sums over chains where the ensemble is adaptive.
    """
    plan.require_memory(system, len(x))
    check_method(ensemble, system)
    check_request(ensemble, system, x, plan)
    state = ensemble.init(jax.random.fold_in(key, 2**32 - 1), x, system)
    size = max(1, min(plan.measurements, 64, int(SITES_PER_BLOCK / (x.size * plan.thin))))
    measured = Measured(followed(system, observables), identity_of(system, x.shape[1]), stored(state, system, x))
    blocks = Blocks(key, ensemble, system, plan, size, measured)
    path = None if checkpoint is None else checkpoint / "sampling.safetensors"
    loop = Loop(path, progress, key=key, parts=(ensemble, system, x), settings=plan)
    log = loop.resume(Log(state, empty_rows(blocks.run(state, 0, 1, 0)[1], plan)))
    if log.phase == 0:
        log, _ = loop(log, blocks.warm, plan.warmup)
        log = log._replace(done=0, phase=1)
    blocks.run(log.state, 0, 1, 0)  # compile before the time is measured
    while True:
        log, _ = loop(log, blocks.measure, plan.measurements)
        draws = draws_of(log, plan, measured)
        if draws.status:
            return draws
        log = log._replace(done=0, phase=log.phase + 1)  # everything so far becomes the warm-up of a run twice as long


class Measured(NamedTuple):
    """What is measured, and the precision in which configurations are kept."""

    quantities: tuple[Followed, ...]
    identity: Identity | None
    precision: str


def stored(state: Any, system: AbstractSystem, x: Any) -> str:
    """The precision of real variables in the state, so that it follows their scale; single for angles."""
    kinds = [a.dtype for a in jax.tree.leaves(state) if a.size == x.size and jnp.issubdtype(a.dtype, jnp.floating)]
    real = isinstance(system.variable, Reals) and kinds
    return str(max(kinds, key=lambda kind: kind.itemsize)) if real else "float32"


@dataclass(frozen=True)
class Blocks:
    """The blocks of a run: compiled once, called again and again."""

    key: Any
    ensemble: AbstractEnsemble
    system: AbstractSystem
    plan: SamplingPlan
    size: int  # measurements in one of them, at most
    measured: Measured

    def run(self, state: Any, first: int, thin: int, n: int) -> Any:
        """From sweep number `first`, n times `thin` sweeps and a measurement."""
        counts = jnp.array([first, thin, n])  # traced: new numbers, the same program
        keep = self.plan.configurations
        out = block(self.key, state, counts, self.system, self.ensemble, self.size, self.measured, keep)  # pyright: ignore
        return jax.block_until_ready(out)

    def warm(self, log: Log) -> Steps:
        """The next block of sweeps of the warm-up."""
        n = min(self.size * self.plan.thin, self.plan.warmup - log.done)
        return Steps(self.run(log.state, log.done, n, 1)[0], None, n, "warming up")

    def measure(self, log: Log) -> Steps:
        """The next block of measurements, with the configurations that are kept."""
        plan = self.plan
        n, thin = min(self.size, plan.measurements - log.done), plan.thin_of(log.phase)
        begun = time.perf_counter()
        state, out = self.run(log.state, plan.sweeps_before(log.phase, log.done), thin, n)
        seconds = np.full(n, (time.perf_counter() - begun) / n)
        x, values, acceptance = (np.asarray(a)[:n] for a in out)
        first = -(log.done + 1) % plan.stride  # of this block, the first one that is kept
        rows = MeasuredRows(x[first :: plan.stride], values, acceptance, seconds)
        return Steps(state, rows, n, f"sampling, {thin} sweeps a measurement")


def draws_of(log: Log, plan: SamplingPlan, measured: Measured) -> Draws:
    """The draws of a whole phase; the status is empty if the run continues."""
    rows, thin, sweeps = log.rows, plan.thin_of(log.phase), plan.sweeps_before(log.phase + 1, 0)
    series, quantities, law = np.moveaxis(rows.values, 0, -1), measured.quantities, measured.identity
    energy, order = series[:2]
    names, folded = [q.name for q in quantities], [q.folded for q in quantities]
    diagnosis = diagnose(series[: len(quantities)], plan.samples, names, folded)
    status = verdict(diagnosis, plan, thin, sweeps) or ""
    acceptance = rows.acceptance.mean(axis=0) if rows.acceptance.size else np.full(len(energy), np.nan)
    x, seconds = np.moveaxis(rows.x, 0, 2), float(rows.seconds.sum())
    looked = looked_at(plan.sweeps_before(log.phase, 0) + thin * np.arange(series.shape[-1]), thin)
    identity = None if law is None else series[-1][..., looked]
    return Draws(x, energy, order, identity, law, plan.stride, thin, sweeps, diagnosis, status, acceptance, seconds,
                 tuple(folded))  # fmt: skip


def empty_rows(out: Any, plan: SamplingPlan) -> MeasuredRows:
    """Arrays of zeros for a whole run, of the shapes that a block gives."""
    x, values, acceptance = out
    room = lambda n, a: np.zeros((n, *a.shape[1:]), a.dtype)  # noqa: E731
    M = plan.measurements
    return MeasuredRows(room(plan.draws, x), room(M, values), room(M, acceptance), np.zeros(M))


def check_request(ensemble: AbstractEnsemble, system: AbstractSystem, x: Any, plan: SamplingPlan) -> None:
    """Errors: InputError for a warm-up shorter than the adaptation, or a start whose energy is not finite."""
    adaptation = getattr(ensemble, "adaptation", 0)
    if plan.warmup < adaptation:
        raise InputError(
            f"a warm-up of at least the {adaptation} sweeps for which the method adapts itself",
            f"warmup = {plan.warmup}",
            "raise warmup, or give the method a shorter adaptation",
        )
    finite = np.isfinite(np.asarray(energies(x, system))).mean()
    if finite < 1:
        raise InputError(
            "a finite energy at every start",
            f"nan or inf at {100 * (1 - finite):.0f} % of them",
            "check the energy function, or start elsewhere",
        )


def verdict(diagnosis: Diagnosis, plan: SamplingPlan, thin: int, sweeps: int) -> str | None:
    """The final status of the run, or None if it continues."""
    if not diagnosis.finite.all():
        where = ", ".join(name for name, fine in zip(diagnosis.names, diagnosis.finite, strict=True) if not fine.all())
        return f"not finite: {where}; use smaller steps or another method, and look at the energy there"
    if plan.effective_samples is None:
        return "done"
    reached = float(np.min(diagnosis.effective_samples))
    missed = [] if reached >= plan.effective_samples else [
        f"effective sample size {reached:.0f} of the {plan.effective_samples:.0f} asked for"
    ]  # fmt: skip
    for which, law in ((diagnosis.disagree, "R-hat of {} is above what chance gives"),
                       (diagnosis.too_short, "chains are too short to judge R-hat of {}")):  # fmt: skip
        names = [name for name, rows in zip(diagnosis.names, which, strict=True) if rows.any()]
        if names:
            missed.append(law.format(", ".join(names[:3]) + (" ..." if len(names) > 3 else "")))
    if not missed:
        return "done"
    if sweeps + 2 * plan.measurements * thin > plan.max_sweeps:
        return (
            f"{'; '.join(missed)} after {sweeps} sweeps; raise max_sweeps, use more chains or a method that moves "
            "further, such as clusters or tempering"
        )
    return None


def looked_at(sweep: Any, thin: Any) -> Any:
    """Whether the identity is evaluated at the measurement before this sweep: every four sweeps, for it costs one."""
    return sweep // thin % (3 // thin + 1) == 0


@partial(eqx.filter_jit, compiler_options=WIDE_VECTORS)  # pyright: ignore[reportCallIssue]
def block(
    key,
    state,
    counts: Int[Array, " 3"],
    system: AbstractSystem,
    ensemble: AbstractEnsemble,
    size: int,
    measured: Measured,
    keep: bool,  # noqa: FBT001
):  # noqa: FBT001
    """In one compiled program, from sweep number `first`: n times `thin` sweeps and a measurement; at most `size`.

    Returns configurations, [quantity, T, R], and the mean acceptance since the last measurement, if reported.
    """
    first, thin, n = counts
    unit = at_unit_beta(system)

    def measure(state, acceptance, m):
        x = ensemble.configurations(state)
        values = jax.vmap(jax.vmap(lambda x: measured_values(unit, x, measured.quantities), 0, -1), 0, 1)(x)
        if measured.identity is not None:
            at = jax.random.fold_in(jax.random.fold_in(key, 2**32 - 2), m)
            law = partial(identity_values, at, measured.identity, unit, x, system.beta)
            found = jax.lax.cond(looked_at(m, thin), law, lambda: jnp.zeros(x.shape[:2]))
            values = jnp.concatenate([values, found[None]])
        if jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(measured.precision)
        return (x if keep else x[:, :, :0]), values, acceptance

    def sweep(m, carry):
        state, accepted = carry
        state, diagnostics = ensemble.step(jax.random.fold_in(key, m), state, system)
        acceptance = mean_acceptance(diagnostics)
        return state, accepted if acceptance is None else accepted + acceptance

    def one_measurement(i, carry):
        state, out = carry
        start = first + i * thin
        state, accepted = jax.lax.fori_loop(start, start + thin, sweep, (state, unknown))
        new = measure(state, accepted / thin.astype(float), start)
        return state, jax.tree.map(lambda room, new: room.at[i].set(new), out, new)

    known = jax.eval_shape(lambda s: mean_acceptance(ensemble.step(key, s, system)[1]), state)
    unknown = jnp.zeros(0 if known is None else known.shape)
    room = jax.tree.map(lambda a: jnp.zeros((size, *a.shape), a.dtype), jax.eval_shape(measure, state, unknown, first))
    return jax.lax.fori_loop(0, n, one_measurement, (state, room))
