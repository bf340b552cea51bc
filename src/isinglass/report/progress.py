# SPDX-License-Identifier: Apache-2.0
"""How far a run is: `progress(done, total, message)`, called between blocks, always on stderr."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Protocol, cast

__all__ = ["ProgressCallable", "display", "silent"]


class ProgressCallable(Protocol):
    """What a driver calls after each block; a new message starts a new line."""

    def __call__(self, done: int, total: int, message: str) -> None:
        """`done` of `total` blocks (steps, sweeps) of what `message` names."""
        ...


def silent(done: int, total: int, message: str) -> None:
    """Say nothing."""


@contextmanager
def display(stream: IO[str] | None = None) -> Iterator[ProgressCallable]:
    """A bar on a terminal; elsewhere a plain line when something starts, ends, or ten seconds have passed."""
    stream = stream or cast(IO[str], sys.stderr)
    if stream.isatty():
        yield from bars(stream)
    else:
        yield PlainLines(stream)


def bars(stream: IO[str]) -> Iterator[ProgressCallable]:
    """One bar for each message."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"))
    with Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(file=stream)) as progress:
        tasks = {}

        def show(done: int, total: int, message: str) -> None:
            if message not in tasks:
                tasks[message] = progress.add_task(message, total=total)
            progress.update(tasks[message], completed=done, total=total)

        yield show


class PlainLines:
    """Lines for a log file."""

    def __init__(self, stream: IO[str], every: float = 10.0):
        """`every`: seconds between two lines of one message."""
        self.stream, self.every = stream, every
        self.message, self.last = "", 0.0

    def __call__(self, done: int, total: int, message: str) -> None:
        """Print if there is news."""
        now = time.monotonic()
        if message != self.message or done >= total or now - self.last > self.every:
            print(f"{message}: {done}/{total}", file=self.stream, flush=True)
            self.message, self.last = message, now
