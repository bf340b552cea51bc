# SPDX-License-Identifier: Apache-2.0
"""Carry out a run in its own folder, with checkpoints, and stop cleanly on a signal.

During the run the folder is called FOLDER.partial and holds config.toml and checkpoint/. A stopped run is resumed from
there, bit for bit, by the same FOLDER, seed and settings. The folder gets its name when the run is complete.
"""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass.errors import InputError, Interrupted
from isinglass.run.directory import fill, new_run, read_config, write_config
from isinglass.run.document import plain
from isinglass.run.interruption import Interruption
from isinglass.run.output import new_path, publish
from isinglass.run.progress import ProgressCallable
from isinglass.run.random_key import random_key

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["Job", "conduct", "partial_of", "resumable"]

Work = Callable[..., Any]  # work(key, progress=..., checkpoint=...) -> Result


@dataclass(frozen=True)
class Job:
    """A run: its name, function, seed, preset and settings."""

    name: str
    work: Work
    seed: int = 0
    preset: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None  # None: runs/NAME/<UTC time>-<short id>


def conduct(job: Job, progress: ProgressCallable, *, report: bool = True) -> tuple["Result", Path]:
    """Run the job and save its result.  Returns the result and its run directory.

    Errors: Interrupted after a signal, with the checkpoint kept; InputError for an output path that cannot be used.
    """
    key = random_key(job.seed)
    folder = new_path(job.folder, "run") if job.folder else new_run(Path("runs"), job.name)
    partial = begin(job, folder)
    begun = time.perf_counter()
    try:
        with Interruption() as stop:
            watched = StopOnSignal(progress, stop)
            result = job.work(key, progress=watched, checkpoint=partial / "checkpoint")
        if stop.interrupted:
            raise Interrupted("stopped", stop.signal and partial, stop.signal)
        describe(result, job, time.perf_counter() - begun)
        fill(result, partial, report=report)
        drop_if_empty(partial / "checkpoint")
        publish(partial, folder)
    except BaseException:
        if drop_if_empty(partial / "checkpoint"):
            shutil.rmtree(partial)  # there is no checkpoint to resume from
        raise
    return result, folder


def partial_of(folder: Path) -> Path:
    """FOLDER.partial, the folder of an unfinished run."""
    return folder.with_name(folder.name + ".partial")


def resumable(partial: Path) -> tuple[Path, dict[str, Any]]:
    """FOLDER of a stopped run in FOLDER.partial, and its config.toml."""
    if not partial.name.endswith(".partial"):
        found = f"{partial}, a finished run" if (partial / "result.json").exists() else f"{partial}"
        raise InputError("the FOLDER.partial of a stopped run", found, "see runs/NAME/ for one")
    return partial.with_name(partial.name.removesuffix(".partial")), read_config(partial)


def begin(job: Job, folder: Path) -> Path:
    """Create the folder FOLDER.partial of a run, or find that of the same run stopped before."""
    partial = partial_of(folder)
    if partial.exists():
        config = read_config(partial)
        if without_none(config) != without_none(
            {"name": job.name, "preset": job.preset, "seed": job.seed, "settings": plain(job.settings)}
        ):
            found = f"another run stopped in {partial}"
            raise InputError("a new output path, or the same run again", found, "choose another path or remove it")
        return partial
    (partial / "checkpoint").mkdir(parents=True)
    write_config(job, partial)
    return partial


def without_none(x: Any) -> Any:
    """A value without the entries that are None, as TOML stores it."""
    if isinstance(x, dict):
        return {k: without_none(v) for k, v in x.items() if v is not None}
    return [without_none(v) for v in x if v is not None] if isinstance(x, list) else x


def describe(result: "Result", job: Job, seconds: float) -> None:
    """Set the name, preset, seed, settings and time of the run in the result.  Errors: InputError if it is none."""
    if not hasattr(result, "estimates"):
        raise InputError(f"a Result from the run of {job.name}", type(result).__name__, "return one")
    result.name, result.preset, result.seed = job.name, job.preset, job.seed
    result.settings = job.settings or result.settings
    result.seconds = seconds


def drop_if_empty(folder: Path) -> bool:
    """Remove a folder if it is empty; True if it does not exist afterwards."""
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()


class StopOnSignal:
    """Progress that ends a run after a signal: the second call after the signal raises Interrupted.

    The first call belongs to the block in which the signal came; a loop that handles signals itself stops after it.
    """

    def __init__(self, progress: ProgressCallable, stop: Interruption):
        """`progress` is called through; `stop` records the signals."""
        self.progress, self.stop, self.calls = progress, stop, 0

    def __call__(self, done: int, total: int, message: str) -> None:
        """Show the progress; Interrupted at the second call after a signal."""
        self.progress(done, total, message)
        self.calls += self.stop.interrupted
        if self.calls > 1:
            raise Interrupted(f"stopped at {message}", None, self.stop.signal)
