# SPDX-License-Identifier: Apache-2.0
"""Progress of a run: `progress(done, total, message)`, between blocks; on stderr, or in the cell of a notebook."""

import html
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["ProgressCallable", "automatic", "display", "in_notebook", "silent", "telling", "without_value"]


# progress(done, total, message): `done` of `total` blocks (steps, sweeps) of the work that `message` names.
ProgressCallable = Callable[[int, int, str], None]


def silent(done: int, total: int, message: str) -> None:
    """The progress callable that shows nothing."""


def telling(progress: ProgressCallable, what: str) -> ProgressCallable:
    """The same progress callable, with `what` before each message."""
    return lambda done, total, message: progress(done, total, f"{what}: {message}")


def in_notebook() -> bool:
    """Does this run in the kernel of a notebook?  Imports nothing."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


@contextmanager
def automatic() -> Iterator[ProgressCallable]:
    """What a verb shows unless it is told: lines in the cell of a notebook, bars on a terminal, elsewhere nothing."""
    if in_notebook():
        lines = NotebookLines()
        try:
            yield lines
            lines.finish()
        finally:
            lines.show(last=True)
    elif sys.stderr is not None and sys.stderr.isatty():
        yield from terminal_bars(sys.stderr)
    else:
        yield silent


@contextmanager
def display(stream: Any = None) -> Iterator[ProgressCallable]:
    """A progress bar on a terminal; elsewhere a plain line at the start, at the end, and every ten seconds.

    ISINGLASS_PROGRESS_SECONDS: another number of seconds, for a program that reads the lines.
    """
    stream = stream or sys.stderr
    if stream.isatty():
        yield from terminal_bars(stream)
    else:
        yield PlainLines(stream, seconds_between(os.environ.get("ISINGLASS_PROGRESS_SECONDS", "")))


def seconds_between(text: str) -> float:
    """Seconds between two lines: a number, or ten."""
    try:
        return float(text)
    except ValueError:
        return 10.0


def terminal_bars(stream: Any) -> Iterator[ProgressCallable]:
    """A progress callable that shows one bar for each message."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f}/{task.total:.0f}"))
    with Bars(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=Console(file=stream)) as bars:
        tasks = {}

        def show(done: int, total: int, message: str) -> None:
            name = without_value(message)
            if name not in tasks:
                tasks[name] = bars.add_task(message, total=total)
            bars.update(tasks[name], completed=done, total=total, description=message)

        yield show


def without_value(message: str) -> str:
    """A message without the values that change from block to block: "<H> = -1.27" is "<H> =".

    Values are a number with a point at its end, numbers with a unit such as meV/Å, and a sweep's at its beginning.
    """
    message = re.sub(r"(nan|[-+]?\d+\.\d*(e[-+]?\d+)?)$", "", message)
    message = re.sub(r"(nan|inf|[-+]?[\d.]+(e[-+]?\d+)?)(?= \w+/\w+\b)", "", message)
    return re.sub(r"(^sweep) \d+", r"\1", message)


class NotebookLines:
    """A progress callable that shows one line for each kind of message in the output of a cell, the latest `most`."""

    def __init__(self, every: float = 0.2, most: int = 12):
        """`every`: seconds between two updates."""
        self.every, self.most, self.shown = every, most, 0.0
        self.rows: dict[str, tuple[str, int, int, float, float]] = {}  # message, done, total, first, last time
        self.handle: Any = None

    def __call__(self, done: int, total: int, message: str) -> None:
        """Keep the count, and show it unless that was done a moment ago."""
        now = time.monotonic()
        name = without_value(message)
        self.rows[name] = message, done, total, self.rows[name][3] if name in self.rows else now, now
        if now - self.shown > self.every or done >= total:
            self.show()
            self.shown = now

    def finish(self) -> None:
        """Count as done what was announced as one piece of work, `progress(0, 1, message)`."""
        now = time.monotonic()
        for name, (message, done, total, first, _) in self.rows.items():
            if (done, total) == (0, 1):
                self.rows[name] = message, 1, 1, first, now

    def show(self, *, last: bool = False) -> None:
        """Update the output; at the end without bars."""
        from IPython.display import display as output

        if not self.rows:
            return
        rows = list(self.rows.values())[-self.most :]
        text = [f"{message}: {done}/{total}, {now - first:.0f} s" for message, done, total, first, now in rows]
        bar = lambda done, total: "" if last else f'<progress value="{done}" max="{total}"></progress> '  # noqa: E731
        lines = [bar(*row[1:3]) + html.escape(line) for line, row in zip(text, rows, strict=True)]
        page = f'<div style="opacity: .7; font-size: .85em">{"<br>".join(lines)}</div>'
        bundle = {"text/plain": "\n".join(text), "text/html": page}
        if self.handle is None:
            self.handle = output(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)


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
