# SPDX-License-Identifier: Apache-2.0
"""Progress of a run: `progress(done, total, message)`, called between blocks, always on stderr."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["ProgressCallable", "display", "silent", "telling"]


# progress(done, total, message): `done` of `total` blocks (steps, sweeps) of the work that `message` names.
ProgressCallable = Callable[[int, int, str], None]


def silent(done: int, total: int, message: str) -> None:
    """The progress callable that shows nothing."""


def telling(progress: ProgressCallable, what: str) -> ProgressCallable:
    """The same progress callable, with `what` before each message."""
    return lambda done, total, message: progress(done, total, f"{what}: {message}")


@contextmanager
def display(stream: Any = None) -> Iterator[ProgressCallable]:
    """A progress bar on a terminal; elsewhere a plain line at the start, at the end, and every ten seconds."""
    stream = stream or sys.stderr
    if stream.isatty():
        yield from terminal_bars(stream)
    else:
        yield PlainLines(stream)


def terminal_bars(stream: Any) -> Iterator[ProgressCallable]:
    """A progress callable that shows one bar for each message."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"))
    with Bars(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(file=stream)) as bars:
        tasks = {}

        def show(done: int, total: int, message: str) -> None:
            if message not in tasks:
                tasks[message] = bars.add_task(message, total=total)
            bars.update(tasks[message], completed=done, total=total)

        yield show


class PlainLines:
    """A progress callable that prints lines, for a log file."""

    def __init__(self, stream: Any, every: float = 10.0):
        """`every`: seconds between two lines of one message."""
        self.stream, self.every = stream, every
        self.message, self.last = "", 0.0

    def __call__(self, done: int, total: int, message: str) -> None:
        """Print a line at the start, at the end, or after `every` seconds."""
        now = time.monotonic()
        if message != self.message or done >= total or now - self.last > self.every:
            print(f"{message}: {done}/{total}", file=self.stream, flush=True)
            self.message, self.last = message, now
