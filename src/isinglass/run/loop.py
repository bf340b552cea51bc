# SPDX-License-Identifier: Apache-2.0
"""The loop of all work in blocks of steps: resume, progress, checkpoints, signals, divergence.

A block is one compiled program of many steps.  Between two blocks the host stores its output, writes a
checkpoint if one is due, shows progress, and stops after a signal or a step that was not finite.
Law: bit-identical for any interruption; a checkpoint holds whole blocks.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import jax
import numpy as np

from isinglass.errors import InputError, Interrupted
from isinglass.run.checkpoint import filled, load_arrays, save_checkpoint
from isinglass.run.fingerprint import change, fingerprint, surroundings
from isinglass.run.interruption import Interruption

__all__ = ["Log", "Loop", "Steps"]

EVERY = 10.0  # seconds between two checkpoints, at least
SHARE = 0.1  # largest fraction of the time spent on writing them


class Log(NamedTuple):
    """The state of a run, as in a checkpoint."""

    state: Any  # input of the next block
    rows: Any  # NumPy arrays to be filled, K rows each: one for every total / K steps of this phase
    done: int = 0  # steps of this phase
    phase: int = 0  # number of the loop, in a run of several


class Steps(NamedTuple):
    """The output of a block of `count` steps."""

    state: Any
    rows: Any  # new rows, as in the log; None: none
    count: int
    message: Any = ""  # for progress
    finite: Any = True  # whether the numbers of each step are finite


class Loop:
    """Runs blocks, resuming from the checkpoint at `path` if there is one.

    `key`, `parts` and `settings`, the task and command that they are part of, and the versions identify a run: the
    checkpoint of another run is refused.
    """

    def __init__(
        self, path: str | os.PathLike | None, progress: Callable[[int, int, Any], None] | None = None,
        *, key: Any, parts: Any, settings: Any, every: float | None = None,
    ):  # fmt: skip
        """`progress(done, total, message)` is called after each block; `every`: seconds between two checkpoints."""
        self.path, self.progress = None if path is None else Path(path), progress
        self.every = EVERY if every is None else every
        self.due, self.saved = time.monotonic() + self.every, (-1, -1)
        if self.path is not None:
            self.run = fingerprint({**surroundings(), "key": key, "parts": parts, "settings": settings})

    def resume(self, fresh: Log) -> Log:
        """The saved log, or `fresh` where there is no checkpoint.  Errors: ValueError for that of another run."""
        if self.path is None or not self.path.exists():
            return fresh
        arrays, metadata = load_arrays(self.path)
        if metadata.get("run") != self.run:
            raise InputError(
                f"the checkpoint of this very run in {self.path}",
                f"that of another run: {change(metadata.get('run') or {}, self.run)}",
                "use what it was begun with, or another folder",
            )
        state, rows = filled(self.path, arrays, (fresh.state, fresh.rows))
        return Log(state, rows, metadata["done"], metadata["phase"])

    def __call__(
        self, log: Log, advance: Callable[[Log], Steps], total: int, ended: Callable[[Log], bool] = lambda log: False
    ) -> tuple[Log, int | None]:
        """Run blocks until `total` steps are done, `ended(log)` is true, or a step is not finite.

        Returns the log after the last finite block, and the step that was not finite, if any.
        Errors: Interrupted after a signal, with the checkpoint written.
        """
        with Interruption() as stop:
            while log.done < total and not ended(log):
                new = advance(log)
                if not np.all(new.finite):
                    return log, log.done + int(np.argmin(new.finite))
                log = kept(log, new, total)
                if time.monotonic() > self.due:
                    self.save(log)
                if self.progress is not None:
                    self.progress(log.done, total, new.message)
                if stop.interrupted:
                    self.save(log)
                    raise Interrupted(f"stopped after {log.done} of {total}", self.path, stop.signal)
        return log, None

    def save(self, log: Log) -> None:
        """Write the checkpoint, if there is a path and this log is not saved yet."""
        if self.path is None or self.saved == (log.phase, log.done):
            return
        begun = time.monotonic()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        save_checkpoint(self.path, (log.state, log.rows), {"run": self.run, "done": log.done, "phase": log.phase})
        self.saved, now = (log.phase, log.done), time.monotonic()
        self.due = now + max(self.every, (now - begun) / SHARE)


def kept(log: Log, new: Steps, total: int) -> Log:
    """The log after a block; new rows are written in place."""
    done = log.done + new.count
    if new.rows is not None:
        for all_rows, rows in zip(jax.tree.leaves(log.rows), jax.tree.leaves(new.rows), strict=True):
            K = len(all_rows)
            all_rows[log.done * K // total : done * K // total] = rows
    return log._replace(state=new.state, done=done)
