# SPDX-License-Identifier: Apache-2.0
"""Carry out a run: a folder from the first second, checkpoints in it, signals heeded, its name only when it is whole.

While it runs, the folder is called FOLDER.partial and holds config.toml and checkpoint/. A run that was stopped goes on
from there, bit for bit, when it is asked for again with the same FOLDER, seed and settings.
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

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["Job", "conduct", "partial_of", "resumable"]

Work = Callable[..., Any]  # work(key, progress=..., checkpoint=...) -> Result


@dataclass(frozen=True)
class Job:
    """What is to be run."""

    name: str
    work: Work
    seed: int = 0
    preset: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    folder: Path | None = None  # None: runs/NAME/<UTC time>-<short id>


def conduct(job: Job, progress: ProgressCallable, *, report: bool = True) -> tuple["Result", Path]:
    """Run the job and save it.  Returns the result and its run directory.

    Errors: Interrupted after a signal, with the checkpoint kept; InputError for an output path that cannot be used.
    """
    import jax

    folder = new_path(job.folder, "run") if job.folder else new_run(Path("runs"), job.name)
    partial = begin(job, folder)
    begun = time.perf_counter()
    try:
        with Interruption() as stop:
            heed = Heeding(progress, stop)
            result = job.work(jax.random.key(job.seed), progress=heed, checkpoint=partial / "checkpoint")
        if stop.interrupted:
            raise Interrupted("stopped", stop.signal and partial, stop.signal)
        describe(result, job, time.perf_counter() - begun)
        fill(result, partial, report=report)
        drop_if_empty(partial / "checkpoint")
        publish(partial, folder)
    except BaseException:
        if drop_if_empty(partial / "checkpoint"):
            shutil.rmtree(partial)  # there is nothing to go on from
        raise
    return result, folder


def partial_of(folder: Path) -> Path:
    """Where a run lives while it is not finished."""
    return folder.with_name(folder.name + ".partial")


def resumable(partial: Path) -> tuple[Path, dict[str, Any]]:
    """The folder a stopped run was meant for, and its config.toml."""
    if not partial.name.endswith(".partial"):
        found = f"{partial}, a finished run" if (partial / "result.json").exists() else f"{partial}"
        raise InputError("the FOLDER.partial of a stopped run", found, "see runs/NAME/ for one")
    return partial.with_name(partial.name.removesuffix(".partial")), read_config(partial)


def begin(job: Job, folder: Path) -> Path:
    """Make the folder of a run, or find it again."""
    partial = partial_of(folder)
    if partial.exists():
        config = read_config(partial)
        if without_none(config) != without_none(
            {"name": job.name, "preset": job.preset, "seed": job.seed, "settings": plain(job.settings)}
        ):
            found = f"another run stopped in {partial}"
            raise InputError("a new output path, or the same run again", found, "choose another --out or remove it")
        return partial
    (partial / "checkpoint").mkdir(parents=True)
    write_config(job, partial)
    return partial


def without_none(x: Any) -> Any:
    """As TOML keeps it."""
    if isinstance(x, dict):
        return {k: without_none(v) for k, v in x.items() if v is not None}
    return [without_none(v) for v in x if v is not None] if isinstance(x, list) else x


def describe(result: "Result", job: Job, seconds: float) -> None:
    """What the run knows and the work does not."""
    result.name, result.preset, result.seed = job.name, job.preset, job.seed
    result.settings = job.settings or result.settings
    result.seconds = seconds


def drop_if_empty(folder: Path) -> bool:
    """Remove an empty folder; true if it is gone."""
    with suppress(OSError):
        folder.rmdir()
    return not folder.exists()


class Heeding:
    """Progress that ends a run which goes on after a signal: the second call after it raises Interrupted.

    The first one belongs to the block in which the signal came; a driver that heeds signals itself stops after it.
    """

    def __init__(self, progress: ProgressCallable, stop: Interruption):
        """`stop` notes the signals."""
        self.progress, self.stop, self.calls = progress, stop, 0

    def __call__(self, done: int, total: int, message: str) -> None:
        """Show, and look."""
        self.progress(done, total, message)
        self.calls += self.stop.interrupted
        if self.calls > 1:
            raise Interrupted(f"stopped at {message}", None, self.stop.signal)
