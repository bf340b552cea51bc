# SPDX-License-Identifier: Apache-2.0
"""The training loop, theta <- theta - eta u(grad L(theta)), block by block."""

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Key

from isinglass.run.loop import Log, Loop, Steps
from isinglass.training.block import (
    CONVERGED,
    DIVERGED,
    EARLY,
    RUNNING,
    BlockDiagnostics,
    BlockPlan,
    Dataset,
    TrainingState,
    begin,
    train_block,
)
from isinglass.training.history import History, Record
from isinglass.training.packing import packing_of
from isinglass.training.setting import Training

__all__ = ["Trained", "TrainingRun", "dataset", "fit", "untrained"]


DEFAULT = Training()


class Trained(NamedTuple):
    """Result of training. For an ensemble, arrays, `status` and `best_step` have a leading member axis."""

    model: Any  # the best model (lowest validation loss; without validation the last), in inference mode
    history: History
    status: str | tuple[str, ...]  # converged, stopped early, step limit, diverged at step n
    steps: int  # steps done
    best_step: np.ndarray  # step of `model`


def untrained(model: Any) -> Trained:
    """Of a model that has nothing to train."""
    return Trained(model, History.of([]), "closed form", 0, np.zeros((), int))


def fit(
    key: Key[Array, ""],
    model: Any,
    loss: Callable,
    data: Any,
    *,
    settings: Training = DEFAULT,
    validation: Any = None,
    checkpoint: str | os.PathLike | None = None,
    progress: Callable[[Record], None] | None = None,
) -> Trained:
    """Train `model` on `data`, a pytree of arrays with n rows each; None where the loss samples with its key.

    The loss is a function loss(key, model, batch) -> scalar, or (scalar, metrics); the better, the lower.

    Deterministic given `key`. `checkpoint` is a file: written while running, and resumed from, bit for bit, where it
    exists. `progress` gets a Record after every block. A loss or gradient that is not finite ends the run; the last
    good weights are returned.  Law: resumed = uninterrupted, every bit.
    """
    params, static = eqx.partition(model, eqx.is_array)
    plan = BlockPlan(static, packing_of(params), loss, settings)
    state = begin_jit(key, params, plan)
    sides = dataset(data), None if validation is None else dataset(validation)
    return TrainingRun(train_jit, sides, plan, checkpoint, progress)(state)


train_jit, begin_jit = eqx.filter_jit(train_block), eqx.filter_jit(begin)


def dataset(arrays: Any) -> Dataset:
    """All rows of `arrays`, on the device."""
    if arrays is None:
        return Dataset((), jnp.zeros(1, jnp.int32), None)
    arrays = jax.tree.map(jnp.asarray, arrays)
    sizes = {leaf.shape[0] for leaf in jax.tree.leaves(arrays)}
    if len(sizes) != 1:
        raise ValueError(f"expected arrays with equally many rows; found {sorted(sizes)}; give one row per sample.")
    return Dataset(arrays, jnp.arange(sizes.pop(), dtype=jnp.int32), None)


class TrainingRun(eqx.Module):
    """The loop on the host: one block after another, until there is a reason to stop."""

    train: Callable
    sides: tuple[Dataset, Dataset | None]
    plan: BlockPlan
    checkpoint: str | os.PathLike | None
    progress: Callable | None

    def __call__(self, state: TrainingState) -> Trained:
        """Train from `state`, or from the checkpoint where there is one."""
        settings, plan, progress = self.plan.settings, self.plan, self.progress
        total = -(-settings.steps // settings.block)
        tell = progress and (lambda done, total, record: progress(record))
        parts = (state.params, plan.static, plan.loss, self.sides)
        loop = Loop(self.checkpoint, tell, key=state.key, parts=parts, settings=settings,
                    every=settings.checkpoint_seconds)  # fmt: skip
        log = loop.resume(Log(state, self.empty_rows(state, total)))
        begun = time.perf_counter() - (log.rows.seconds[log.done - 1] if log.done else 0.0)

        def advance(log: Log) -> Steps:
            stopped = np.asarray(log.state.outcome) != RUNNING
            first, last = self.steps(log.done), self.steps(log.done + 1)
            state, report = self.train(log.state, jnp.int32(first), jnp.int32(last), *self.sides, plan)
            record = read(report, stopped, last, time.perf_counter() - begun)
            return Steps(state, History.of([record]), 1, record)

        ended = lambda log: not bool(jnp.any(log.state.outcome == RUNNING))  # noqa: E731
        log, _ = loop(log, advance, total, ended)
        loop.save(log)
        state, history = log.state, jax.tree.map(lambda rows: rows[: log.done], log.rows)
        model = eqx.nn.inference_mode(eqx.combine(best_arrays(state, plan), plan.static))
        words = statuses(state)
        return Trained(model, history, words, self.steps(log.done), np.asarray(state.best_step))

    def steps(self, blocks: int) -> int:
        """Steps in so many blocks."""
        return min(blocks * self.plan.settings.block, self.plan.settings.steps)

    def empty_rows(self, state: TrainingState, blocks: int) -> History:
        """Room for the history."""
        step = jnp.int32(0)
        _, report = eqx.filter_eval_shape(self.train, state, step, step, *self.sides, self.plan)
        room = lambda a: np.full((blocks, *a.shape), np.nan)  # noqa: E731
        loss, validation, metrics = jax.tree.map(room, (report.loss, report.validation, report.metrics))
        return History(np.zeros(blocks, int), loss, validation, metrics, np.zeros(blocks))


def best_arrays(state: TrainingState, plan: BlockPlan) -> Any:
    """Those of the best model, or of all members."""
    return jax.tree.map(jnp.asarray, plan.packing.unpack(jax.device_get(state.best)))  # without a program of its own


def read(report: BlockDiagnostics, stopped: np.ndarray | np.bool, step: int, seconds: float) -> Record:
    """The report as plain numbers, NaN for the members that had stopped before this block."""
    values = jax.tree.map(lambda leaf: np.where(stopped, np.nan, leaf).tolist(), jax.device_get(report))
    return Record(step, values.loss, values.validation, values.metrics, seconds)


def statuses(state: TrainingState) -> str | tuple[str, ...]:
    """Why each member stopped, in words."""
    words = {RUNNING: "step limit", CONVERGED: "converged", EARLY: "stopped early"}
    outcome, end = np.atleast_1d(state.outcome), np.atleast_1d(state.end)
    texts = tuple(
        f"diverged at step {n}" if o == DIVERGED else words[int(o)] for o, n in zip(outcome, end, strict=True)
    )
    return texts if np.ndim(state.outcome) else texts[0]
