# SPDX-License-Identifier: Apache-2.0
"""One driver for every ensemble: warm up, thin, measure, lengthen, show progress, stop and resume.

Sweep number n of a run uses the key fold_in(key, n), so the numbers do not depend on how sweeps are cut into blocks,
nor on where a run was interrupted.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from isinglass.errors import InputError, Interrupted
from isinglass.run.checkpoint import load_arrays, load_checkpoint, save_checkpoint
from isinglass.run.interruption import Interruption
from isinglass.sampling.chain.sampler import AbstractEnsemble, check_method, energies, mean_acceptance
from isinglass.sampling.ensemble.diagnosis import Diagnosis, diagnose
from isinglass.sampling.ensemble.multispin import WIDE_VECTORS
from isinglass.systems.system import AbstractSystem

__all__ = ["Draws", "SamplingPlan", "draw"]

MEASUREMENTS = 64  # of each chain, at least: fewer do not show an autocorrelation time
SITES_PER_BLOCK = 2e8  # spin updates between two looks at the clock: about a second
ROWS = ("x", "values", "acceptance")
CHECKPOINT_EVERY = 10.0  # seconds, at least
CHECKPOINT_SHARE = 0.1  # of the time, at most
COUNTERS = ("thin", "sweeps", "seconds")


@dataclass(frozen=True)
class SamplingPlan:
    """How much to sample.  All counts are per temperature."""

    samples: int = 200  # configurations to keep
    chains: int = 32  # independent Markov chains
    thin: int = 10  # sweeps between two measurements of one chain, at first
    warmup: int = 1000  # sweeps before the first draw
    effective_samples: float | None = None  # double the run until every temperature has as many
    max_sweeps: int = 200_000  # but no further than this
    configurations: bool = True  # False: keep energy and order parameter alone

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


class Draws(NamedTuple):
    """What a run leaves: temperature by chain by time.  Configuration k was there at measurement (k + 1) stride - 1."""

    x: Shaped[np.ndarray, "T R D *site"]
    energy: Float[np.ndarray, "T R M"]
    order: Float[np.ndarray, "T R M"]  # the system's order parameter
    stride: int
    thin: int  # sweeps between measurements in the end
    sweeps: int  # sweeps of each chain, warm-up included
    diagnosis: Diagnosis
    status: str  # "done", or what was not reached, with advice
    acceptance: Float[np.ndarray, " T"]  # share of the proposals accepted; nan where the method does not tell
    seconds: float  # for the measurements, without warm-up and compilation


@dataclass
class Log:
    """Where a run stands: what a checkpoint holds."""

    state: Any
    x: list[Any] = field(default_factory=list)  # configurations kept, [T, R, *site] each
    values: list[Any] = field(default_factory=list)  # energy and order parameter at each measurement, [2, T, R]
    acceptance: list[Any] = field(default_factory=list)  # since the last measurement, [T]
    thin: int = 1
    sweeps: int = 0
    seconds: float = 0.0  # for the measurements so far


def draw(
    key,
    ensemble: AbstractEnsemble,
    system: AbstractSystem,
    x: Shaped[jax.Array, "T R *site"],
    plan: SamplingPlan,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Draws:
    """Sample `system`, whose beta has shape [T], from the start x.

    Errors: ValueError for a checkpoint of another run; Interrupted after a signal, with the checkpoint written;
    InputError for a warm-up shorter than the ensemble's adaptation, or a start whose energy is not finite.
    Law: bit-identical for any interruption and any block size; for any number of devices too, but for the rounding of
    sums over chains where the ensemble adapts itself.
    """
    check_method(ensemble, system)
    check_request(ensemble, system, x, plan)
    log = Log(ensemble.init(jax.random.fold_in(key, 2**32 - 1), x, system), thin=plan.thin)
    saved = Saved(checkpoint, fingerprint(key, x, plan))
    log = saved.restore(log)
    size = max(1, min(plan.measurements, 64, int(SITES_PER_BLOCK / (x.size * plan.thin))))
    with Interruption() as stop:

        def advance(n: int, thin: int) -> Any:
            counts = jnp.array([log.sweeps, thin, n])  # traced: new numbers, the same program
            log.state, out = block(key, log.state, counts, system, ensemble, size, plan.configurations)  # pyright: ignore
            log.sweeps += n * thin
            return jax.block_until_ready(out)

        def pause(done: int, total: int, message: str) -> None:
            if progress is not None:
                progress(done, total, message)
            saved.write(log, now=stop.interrupted)
            if stop.interrupted:
                raise Interrupted(f"stopped after {log.sweeps} sweeps", checkpoint, stop.signal)

        while log.sweeps < plan.warmup:
            advance(1, min(size * plan.thin, plan.warmup - log.sweeps))
            pause(log.sweeps, plan.warmup, "warming up")
        advance(0, 1)  # compile outside of the time that is measured
        while True:
            while len(log.values) < plan.measurements:
                n = min(size, plan.measurements - len(log.values))
                begun = time.perf_counter()
                configurations, values, acceptance = advance(n, log.thin)
                log.seconds += time.perf_counter() - begun
                first = -(len(log.values) + 1) % plan.stride  # of this block, the first one that is kept
                log.x += [np.asarray(configurations[i]) for i in range(first, n, plan.stride)]
                log.values += list(np.asarray(values)[:n])
                log.acceptance += list(np.asarray(acceptance)[:n])
                pause(len(log.values), plan.measurements, f"sampling, {log.thin} sweeps a measurement")
            energy, order = np.moveaxis(np.stack(log.values), 0, -1)
            diagnosis = diagnose(energy, order, plan.samples)
            status = verdict(diagnosis, plan, log)
            if status is not None:
                kept = np.stack(log.x, axis=2)
                accepted = np.mean(log.acceptance, axis=0) if np.size(log.acceptance) else np.full(len(energy), np.nan)
                return Draws(
                    kept, energy, order, plan.stride, log.thin, log.sweeps, diagnosis, status, accepted, log.seconds
                )
            # all so far becomes warm-up of a run twice as long
            log.x, log.values, log.acceptance, log.thin, log.seconds = [], [], [], 2 * log.thin, 0.0


def check_request(ensemble: AbstractEnsemble, system: AbstractSystem, x: Any, plan: SamplingPlan) -> None:
    """Refuse what would give wrong numbers in silence."""
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
            "mend the energy function, or start elsewhere",
        )


def verdict(diagnosis: Diagnosis, plan: SamplingPlan, log: Log) -> str | None:
    """How the run ends, or None if it must go on."""
    if plan.effective_samples is None:
        return "done"
    reached = float(np.min(diagnosis.effective_samples))
    if reached >= plan.effective_samples:
        return "done"
    if log.sweeps + 2 * plan.measurements * log.thin > plan.max_sweeps:
        return (
            f"effective sample size {reached:.0f} of the {plan.effective_samples:.0f} asked for after {log.sweeps} "
            "sweeps; raise max_sweeps, use more chains or a cluster method"
        )
    return None


@partial(eqx.filter_jit, compiler_options=WIDE_VECTORS)  # pyright: ignore[reportCallIssue]
def block(
    key,
    state,
    counts: Int[Array, " 3"],
    system: AbstractSystem,
    ensemble: AbstractEnsemble,
    size: int,
    keep: bool,  # noqa: FBT001
):  # noqa: FBT001
    """In one compiled program, from sweep number `first`: n times `thin` sweeps and a measurement; room for `size`.

    Out: configurations, [energy, order parameter], and the mean acceptance since the last measurement, if told.
    """
    first, thin, n = counts
    at_unit_beta = eqx.tree_at(lambda s: s.beta, system, jnp.ones(()))

    def measure(state, acceptance):
        x = ensemble.configurations(state)
        values = [jax.vmap(jax.vmap(f))(x) for f in (at_unit_beta.energy, at_unit_beta.order_parameter)]
        if jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(jnp.float32)
        return (x if keep else x[:, :, :0]), jnp.stack(values), acceptance

    def sweep(m, carry):
        state, accepted = carry
        state, diagnostics = ensemble.step(jax.random.fold_in(key, m), state, system)
        told = mean_acceptance(diagnostics)
        return state, accepted if told is None else accepted + told

    def one_measurement(i, carry):
        state, out = carry
        start = first + i * thin
        state, accepted = jax.lax.fori_loop(start, start + thin, sweep, (state, unknown))
        return state, jax.tree.map(
            lambda room, new: room.at[i].set(new), out, measure(state, accepted / thin.astype(float))
        )

    told = jax.eval_shape(lambda s: mean_acceptance(ensemble.step(key, s, system)[1]), state)
    unknown = jnp.zeros(0 if told is None else told.shape)
    room = jax.tree.map(lambda a: jnp.zeros((size, *a.shape), a.dtype), jax.eval_shape(measure, state, unknown))
    return jax.lax.fori_loop(0, n, one_measurement, (state, room))


class Saved:
    """The checkpoint of a run: written at most a tenth of the time, and read back bit for bit."""

    def __init__(self, folder: Path | None, run: dict[str, Any]):
        self.path = None if folder is None else folder / "sampling.safetensors"
        self.run = run
        self.next = time.monotonic() + CHECKPOINT_EVERY

    def write(self, log: Log, *, now: bool = False) -> None:
        """Save, if it is time."""
        if self.path is None or not (now or time.monotonic() > self.next):
            return
        begun = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        metadata = {"run": self.run, **{name: getattr(log, name) for name in COUNTERS}}
        save_checkpoint(self.path, {"state": log.state, **{name: getattr(log, name) for name in ROWS}}, metadata)
        self.next = time.monotonic() + max(CHECKPOINT_EVERY, (time.monotonic() - begun) / CHECKPOINT_SHARE)

    def restore(self, log: Log) -> Log:
        """The run as it was saved, or as given if nothing was."""
        if self.path is None or not self.path.exists():
            return log
        return read_log(self.path, log, self.run)


def read_log(path: Path, log: Log, run: dict[str, Any]) -> Log:
    """Read a checkpoint into the structure of a fresh run."""
    arrays, metadata = load_arrays(path)
    if metadata["run"] != run:
        raise ValueError(
            f"Expected the checkpoint of this very run in {path}, found one with other settings or another seed; "
            "use the same settings, or another folder."
        )
    rows = {name: [arrays[key] for key in sorted_keys(arrays, name)] for name in ROWS}
    tree, _ = load_checkpoint(path, {"state": log.state, **rows})
    return replace(log, **tree, **{name: metadata[name] for name in COUNTERS})


def sorted_keys(arrays: dict[str, Any], name: str) -> list[str]:
    """Names of the arrays of a list, in its order."""
    keys = [key for key in arrays if key.startswith(f"['{name}'][")]
    return sorted(keys, key=lambda key: int(key.split("[")[-1].rstrip("]")))


def fingerprint(key, x, plan: SamplingPlan) -> dict[str, Any]:
    """What makes two runs the same."""
    seed = np.asarray(jax.random.key_data(key)).tolist()
    return {"key": seed, "shape": list(x.shape), "plan": {k: getattr(plan, k) for k in plan.__dataclass_fields__}}
