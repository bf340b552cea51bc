# SPDX-License-Identifier: Apache-2.0
"""The training loop, theta <- theta - eta u(grad L(theta)), block by block."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Key

from isinglass.run.checkpoint import load_checkpoint, save_checkpoint
from isinglass.run.interruption import Interruption
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
from isinglass.training.setting import Training

__all__ = ["Trained", "TrainingRun", "dataset", "fit"]


DEFAULT = Training()


class Trained(NamedTuple):
    """What training gives. For an ensemble, arrays, `status` and `best_step` have a leading member axis."""

    model: Any  # the best model (lowest validation loss; without validation the last), in inference mode
    history: History
    status: str | tuple[str, ...]  # converged, stopped early, step limit, diverged at step n, interrupted
    steps: int  # steps done
    best_step: np.ndarray  # step of `model`


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
    """Train `model` on `data`, a pytree of arrays with n rows each; None where the loss draws for itself from its key.

    The loss is a function loss(key, model, batch) -> scalar, or (scalar, metrics); the better, the lower.

    Deterministic given `key`. `checkpoint` is a file: written while running, and resumed from, bit for bit, where it
    exists. `progress` gets a Record after every block. A loss or gradient that is not finite ends the run; the last
    good weights are returned.  Law: resumed = uninterrupted, every bit.
    """
    params, static = eqx.partition(model, eqx.is_array)
    plan = BlockPlan(static, loss, settings)
    state = begin(key, params, plan)
    sides = dataset(data), None if validation is None else dataset(validation)
    return TrainingRun(train_jit, sides, plan, checkpoint, progress)(state)


train_jit = eqx.filter_jit(train_block)


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
    """The host's side: one block after another, until there is a reason to stop."""

    train: Callable
    sides: tuple[Dataset, Dataset | None]
    plan: BlockPlan
    checkpoint: str | os.PathLike | None
    progress: Callable | None

    def __call__(self, state: TrainingState) -> Trained:
        """Train from `state`, or from the checkpoint where there is one."""
        settings = self.plan.settings
        state, records = self.resume(state)
        step = records[-1].step if records else 0
        start, saved = time.perf_counter() - (records[-1].seconds if records else 0.0), time.perf_counter()
        with Interruption() as stop:
            while step < settings.steps and bool(jnp.any(state.outcome == RUNNING)) and not stop.interrupted:
                stopped = np.asarray(state.outcome) != RUNNING
                first, step = step, min(step + settings.block, settings.steps)
                state, report = self.train(state, jnp.int32(first), jnp.int32(step), *self.sides, self.plan)
                record = read(report, stopped, step, time.perf_counter() - start)
                records.append(record)
                if time.perf_counter() - saved >= settings.checkpoint_seconds:
                    self.save(state, records)
                    saved = time.perf_counter()
                if self.progress is not None:
                    self.progress(record)
        self.save(state, records)
        model = eqx.nn.inference_mode(eqx.combine(state.best, self.plan.static))
        cut = stop.interrupted and step < settings.steps
        return Trained(model, History.of(records), statuses(state, cut), step, np.asarray(state.best_step))

    def resume(self, state: TrainingState) -> tuple[TrainingState, list[Record]]:
        """Where the checkpoint stands, or the beginning."""
        if self.checkpoint is None or not Path(self.checkpoint).exists():
            return state, []
        state, metadata = load_checkpoint(self.checkpoint, state)
        if metadata.get("settings") != repr(self.plan.settings):
            raise ValueError(
                f"expected a checkpoint of this run's settings; found others in {self.checkpoint}; "
                "use the settings it was written with, or start afresh."
            )
        return state, [Record(**record) for record in metadata["records"]]

    def save(self, state: TrainingState, records: list[Record]) -> None:
        """Write the checkpoint, if one is wanted."""
        if self.checkpoint is not None:
            metadata = {"settings": repr(self.plan.settings), "records": [record._asdict() for record in records]}
            save_checkpoint(self.checkpoint, state, metadata)


def read(report: BlockDiagnostics, stopped: np.ndarray | np.bool, step: int, seconds: float) -> Record:
    """The report as plain numbers, NaN for the members that had stopped before this block."""
    values = jax.tree.map(lambda leaf: np.where(stopped, np.nan, leaf).tolist(), jax.device_get(report))
    return Record(step, values.loss, values.validation, values.metrics, seconds)


def statuses(state: TrainingState, interrupted: bool) -> str | tuple[str, ...]:  # noqa: FBT001
    """Why each member stopped, in words."""
    words = {RUNNING: "interrupted" if interrupted else "step limit", CONVERGED: "converged", EARLY: "stopped early"}
    outcome, end = np.atleast_1d(state.outcome), np.atleast_1d(state.end)
    texts = tuple(
        f"diverged at step {n}" if o == DIVERGED else words[int(o)] for o, n in zip(outcome, end, strict=True)
    )
    return texts if np.ndim(state.outcome) else texts[0]
