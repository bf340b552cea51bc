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

from isinglass.errors import Interrupted
from isinglass.sampling.diagnosis import Diagnosis, diagnose
from isinglass.sampling.multispin import WIDE_VECTORS
from isinglass.sampling.sampler import AbstractEnsemble
from isinglass.systems.system import AbstractSystem
from isinglass.training.checkpoint import load_arrays, load_checkpoint, save_checkpoint
from isinglass.training.interrupt import Interruption

__all__ = ["Draws", "Plan", "draw"]

SITES_PER_BLOCK = 2e8  # spin updates between two looks at the clock: about a second
CHECKPOINT_EVERY = 2.0  # seconds, at least


@dataclass(frozen=True)
class Plan:
    """How much to sample.  All counts are per temperature."""

    samples: int = 200  # configurations to keep
    chains: int = 32  # independent Markov chains
    thin: int = 10  # sweeps between two draws of one chain, at first
    warmup: int = 1000  # sweeps before the first draw
    effective_samples: float | None = None  # double the run until every temperature has as many
    max_sweeps: int = 200_000  # but no further than this
    configurations: bool = True  # False: keep energy and order parameter alone

    @property
    def draws(self) -> int:
        """Draws of each chain, so that chains x draws >= samples."""
        return -(-self.samples // self.chains)


class Draws(NamedTuple):
    """What a run leaves: temperature by chain by draw."""

    x: Shaped[np.ndarray, "T R D *site"]
    energy: Float[np.ndarray, "T R D"]
    order: Float[np.ndarray, "T R D"]  # the system's order parameter
    thin: int  # sweeps between draws in the end
    sweeps: int  # sweeps of each chain, warm-up included
    diagnosis: Diagnosis
    status: str  # "done", or what was not reached, with advice


@dataclass
class Log:
    """Where a run stands: what a checkpoint holds."""

    state: Any
    kept: list[Any] = field(default_factory=list)  # one (x, energy, order) per draw, [T, R, ...] each
    thin: int = 1
    warm: int = 0  # warm-up draws done
    sweeps: int = 0


def draw(
    key,
    ensemble: AbstractEnsemble,
    system: AbstractSystem,
    x: Shaped[jax.Array, "T R *site"],
    plan: Plan,
    *,
    checkpoint: Path | None = None,
    progress: Callable[[int, int, str], None] | None = None,
) -> Draws:
    """Sample `system`, whose beta has shape [T], from the start x.

    Errors: ValueError for a checkpoint of another run; Interrupted after a signal, with the checkpoint written.
    Law: bit-identical for any interruption, any block size and any number of devices.
    """
    log = Log(ensemble.init(jax.random.fold_in(key, 2**32 - 1), x, system), thin=plan.thin)
    saved = Saved(checkpoint, fingerprint(key, x, plan))
    log = saved.restore(log)
    size = max(1, min(plan.draws, 64, int(SITES_PER_BLOCK / (x.size * max(plan.thin, 1)))))
    warm_draws = -(-plan.warmup // plan.thin)
    with Interruption() as stop:

        def advance(n: int) -> Any:
            counts = jnp.array([log.sweeps, log.thin, n])  # traced: new numbers, the same program
            log.state, out = block(key, log.state, counts, system, ensemble, size, plan.configurations)
            log.sweeps += n * log.thin
            return out

        def pause(done: int, total: int, message: str) -> None:
            if progress is not None:
                progress(done, total, message)
            saved.write(log, now=stop.interrupted)
            if stop.interrupted:
                raise Interrupted(f"stopped after {log.sweeps} sweeps", checkpoint, stop.signal)

        while log.warm < warm_draws:
            n = min(size, warm_draws - log.warm)
            advance(n)
            log.warm += n
            pause(log.warm, warm_draws, "warming up")
        while True:
            while len(log.kept) < plan.draws:
                n = min(size, plan.draws - len(log.kept))
                out = jax.tree.map(np.asarray, advance(n))
                log.kept += [tuple(part[i] for part in out) for i in range(n)]
                pause(len(log.kept), plan.draws, f"sampling, {log.thin} sweeps a draw")
            draws = [np.stack(part, axis=2) for part in zip(*log.kept, strict=True)]
            diagnosis = diagnose(draws[1], draws[2])
            status = verdict(diagnosis, plan, log)
            if status is not None:
                return Draws(draws[0], draws[1], draws[2], log.thin, log.sweeps, diagnosis, status)
            log.kept, log.thin = [], 2 * log.thin  # all so far becomes warm-up of a run twice as long


def verdict(diagnosis: Diagnosis, plan: Plan, log: Log) -> str | None:
    """How the run ends, or None if it must go on."""
    if plan.effective_samples is None:
        return "done"
    reached = float(np.min(diagnosis.effective_samples))
    if reached >= plan.effective_samples:
        return "done"
    if log.sweeps + plan.draws * log.thin > plan.max_sweeps or plan.draws < 2:
        return (
            f"effective sample size {reached:.0f} of the {plan.effective_samples:.0f} asked for after {log.sweeps} "
            "sweeps; raise max_sweeps, use more chains or a cluster method"
        )
    return None


@partial(eqx.filter_jit, compiler_options=WIDE_VECTORS)
def block(
    key,
    state,
    counts: Int[Array, " 3"],
    system: AbstractSystem,
    ensemble: AbstractEnsemble,
    size: int,
    keep: bool,  # noqa: FBT001
):  # noqa: FBT001
    """In one compiled program, from sweep number `first`: n draws of `thin` sweeps each, with room for `size`."""
    first, thin, n = counts
    at_unit_beta = eqx.tree_at(lambda s: s.beta, system, jnp.ones(()))

    def measure(state):
        x = ensemble.configurations(state)
        values = [jax.vmap(jax.vmap(f))(x) for f in (at_unit_beta.energy, at_unit_beta.order_parameter)]
        if jnp.issubdtype(x.dtype, jnp.floating):
            x = x.astype(jnp.float32)
        return (x if keep else x[:, :, :0], *values)

    def one_draw(i, carry):
        state, out = carry
        start = first + i * thin
        state = jax.lax.fori_loop(
            start, start + thin, lambda m, s: ensemble.step(jax.random.fold_in(key, m), s, system)[0], state
        )
        return state, jax.tree.map(lambda room, new: room.at[i].set(new), out, measure(state))

    room = jax.tree.map(lambda a: jnp.zeros((size, *a.shape), a.dtype), jax.eval_shape(measure, state))
    return jax.lax.fori_loop(0, n, one_draw, (state, room))


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
        kept = [np.stack(part) for part in zip(*log.kept, strict=True)]
        metadata = {"run": self.run, "thin": log.thin, "warm": log.warm, "sweeps": log.sweeps, "kept": len(log.kept)}
        save_checkpoint(self.path, {"state": log.state, "kept": kept}, metadata)
        self.next = time.monotonic() + max(CHECKPOINT_EVERY, 10 * (time.monotonic() - begun))

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
    kept = [arrays[f"['kept'][{i}]"] for i in range(3)] if metadata["kept"] else []
    tree, _ = load_checkpoint(path, {"state": log.state, "kept": kept})
    rows = [tuple(part[i] for part in tree["kept"]) for i in range(metadata["kept"])]
    return replace(log, state=tree["state"], kept=rows, **{k: metadata[k] for k in ("thin", "warm", "sweeps")})


def fingerprint(key, x, plan: Plan) -> dict[str, Any]:
    """What makes two runs the same."""
    seed = np.asarray(jax.random.key_data(key)).tolist()
    return {"key": seed, "shape": list(x.shape), "plan": {k: getattr(plan, k) for k in plan.__dataclass_fields__}}
