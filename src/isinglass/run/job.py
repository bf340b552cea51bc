# SPDX-License-Identifier: Apache-2.0
"""The conduct of every command that computes: its own folder, checkpoints, a clean stop on a signal, an exact repeat.

During the run OUT.partial holds config.toml, with the command, its settings, versions and digests of its inputs, and
checkpoint/.  A stopped run is gone on from there, bit for bit, by the same command with the same --out.  OUT appears
when the run is complete; where OUT is one file, its report is OUT.html.
"""

import hashlib
import os
import shlex
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isinglass.errors import InputError, Interrupted
from isinglass.run.directory import draw_report, fill, new_run, read_config, write_config
from isinglass.run.document import plain, to_toml
from isinglass.run.fingerprint import change, fingerprint, part_of, surroundings
from isinglass.run.input.regular_file import file_size
from isinglass.run.interruption import Interruption
from isinglass.run.lock import locked
from isinglass.run.output import new_path, publish
from isinglass.run.precision import SINGLE, is_single
from isinglass.run.progress import ProgressCallable
from isinglass.run.random_key import random_key

if TYPE_CHECKING:
    from isinglass.result import Result

__all__ = ["Job", "conduct", "file_digests", "identity", "page_of", "resumable"]

OURS = (".json", ".nc", ".safetensors", ".toml", ".h5")  # endings of the files of a saved run or a store
Work = Callable[..., Any]  # work(key, progress=..., checkpoint=...) -> Result


@dataclass(frozen=True)
class Job:
    """A run: its name, function, seed, preset and settings, and the words of the command that repeat it."""

    name: str
    work: Work
    seed: int = 0
    preset: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    words: tuple[str, ...] = ()  # of the command, without its output
    about: Mapping[str, str] = field(default_factory=dict)  # in words; empty: what the verb says of it
    inputs: Mapping[str, str] = field(default_factory=dict)  # path -> digest of the files that it reads
    out: Path | None = None  # None: runs/NAME/<UTC time>-<short id>
    write: Callable[["Result", Path], Any] | None = None  # writes one file; None: OUT is a run directory

    def config(self) -> dict[str, Any]:
        """What config.toml holds: all that the numbers depend on, and the command."""
        return {
            "command": shlex.join(["isinglass", *self.words]), "name": self.name, "preset": self.preset,
            "seed": self.seed, "versions": surroundings()["versions"], "inputs": dict(self.inputs),
            "settings": plain(self.settings),
        }  # fmt: skip


def conduct(job: Job, progress: ProgressCallable, *, report: bool = True) -> tuple["Result", Path]:
    """Run the job and save its result.  Returns the result and its run directory or file.

    Errors: Interrupted after a signal, with the checkpoint kept, nothing published, and the command that goes on;
    InputError for an output path that cannot be used, that another process uses, or where another run was stopped.
    """
    key = random_key(job.seed)
    out = new_path(job.out, "run") if job.out else new_run(Path("runs"), job.name)
    if job.write is not None and report:
        new_path(page_of(out), "report")
    partial = partial_of(out)
    begun = time.perf_counter()
    refuse_foreign(partial)
    with locked(partial), kept_if_saved(job, out, partial):
        begin(job, partial)
        with Interruption() as stop, part_of(command=job.config()["settings"]):
            watched = StopOnSignal(progress, stop)
            result = job.work(key, progress=watched, checkpoint=partial / "checkpoint")
            if stop.interrupted:
                raise Interrupted("stopped at the end of the work", signal=stop.signal)
        describe(result, job, time.perf_counter() - begun)
        finish(result, job, partial, out, report=report)
    return result, out


def finish(result: "Result", job: Job, partial: Path, out: Path, *, report: bool) -> None:
    """Write the file, or fill the folder and give it its name; from then on no signal undoes it."""
    if job.write is not None:
        result.arrays = result.arrays.assign_attrs(config=to_toml(job.config()))
        job.write(result, out)
        if report:
            draw_report(result, partial)
            if (partial / "report.html").exists():
                os.replace(partial / "report.html", new_path(page_of(out), "report"))
        shutil.rmtree(partial)
        return
    fill(result, partial, report=report)
    with Interruption():
        drop_if_empty(partial / "checkpoint")
        (partial / "lock").unlink(missing_ok=True)
        publish(partial, out)


@contextmanager
def kept_if_saved(job: Job, out: Path, partial: Path) -> Iterator[None]:
    """A context in which an error removes the folder unless it holds a checkpoint, and a signal says how to go on."""
    try:
        yield
    except BaseException as error:
        saved = not drop_if_empty(partial / "checkpoint")
        if not saved:
            shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, Interrupted | KeyboardInterrupt):
            again = shlex.join(["isinglass", *job.words, "--out", str(out)])
            what = error.what if isinstance(error, Interrupted) else "stopped at once"
            number = error.signal if isinstance(error, Interrupted) else None
            then = f"go on with: {again}" if saved else f"nothing was saved; begin again with: {again}"
            raise Interrupted(what, signal=number, then=then) from None
        raise


def page_of(out: Path) -> Path:
    """Where the report of a run that writes one file lies: FILE.html beside it, data.nc.html of data.nc."""
    return out.with_name(out.name + ".html")


def partial_of(out: Path) -> Path:
    """OUT.partial, the folder of an unfinished run."""
    return out.with_name(out.name + ".partial")


def resumable(partial: Path) -> Path:
    """OUT of a run that was stopped in OUT.partial.  Errors: InputError for another folder."""
    if not partial.name.endswith(".partial") or not partial.is_dir():
        found = f"{partial}, a finished run" if (partial / "result.json").exists() else f"{partial}"
        raise InputError("the OUT.partial of a stopped run", found, "see runs/NAME/ for one")
    return partial.with_name(partial.name.removesuffix(".partial"))


def refuse_foreign(partial: Path) -> None:
    """Errors: InputError where something else has the name of the folder."""
    if partial.is_dir() and not partial.is_symlink():
        if (partial / "config.toml").is_file() or not any(one.name != "lock" for one in partial.iterdir()):
            return
        raise InputError(f"a new folder {partial}", "other files in it", "choose another output path")
    new_path(partial, "run")


def begin(job: Job, partial: Path) -> None:
    """Describe the run in its folder; where the same run was stopped there, that is gone on with."""
    if not (partial / "config.toml").exists():
        (partial / "checkpoint").mkdir(exist_ok=True)
        write_config(job.config(), partial)
        return
    before, now = read_config(partial), job.config()
    now["inputs"] = {path: now["inputs"].get(path, "absent") for path in before["inputs"]}
    differing = change(*(identity(config) for config in (before, now)))
    if differing:
        fix = "give what it was begun with, choose another output path, or remove that folder"
        raise InputError(
            "a new output path, or the same run again", f"another run stopped in {partial}: {differing}", fix
        )


def identity(config: Mapping[str, Any]) -> dict[str, str]:
    """The fingerprint of a config but for its command, whose words may stand in another order."""
    return fingerprint(without_none({key: value for key, value in config.items() if key != "command"}))


def without_none(x: Any) -> Any:
    """A value without the entries that are None, as TOML stores it."""
    if isinstance(x, dict):
        return {k: without_none(v) for k, v in x.items() if v is not None}
    return [without_none(v) for v in x if v is not None] if isinstance(x, list) else x


def file_digests(values: Any) -> dict[str, str]:
    """Path -> SHA-256 of every file, or of those of a saved run, network or store in a folder, that a setting names.

    Errors: InputError for what has no end, or is larger than the memory.
    """
    if isinstance(values, Mapping):
        values = values.values()
    found: dict[str, str] = {}
    for value in values:
        if isinstance(value, tuple | list):
            found |= file_digests(value)
        if not isinstance(value, Path):
            continue
        files = [one for ending in OURS for one in sorted(value.glob(f"*{ending}"))] if value.is_dir() else [value]
        for file in files:
            if file.exists() and file_size(file, "a file"):
                with file.open("rb") as opened:
                    found[str(file)] = hashlib.file_digest(opened, "sha256").hexdigest()
    return found


def describe(result: "Result", job: Job, seconds: float) -> None:
    """Set name, preset, seed, command and time in the result; what a task says of its settings stays.

    Errors: InputError if it is no result.
    """
    if not hasattr(result, "estimates"):
        raise InputError(f"a Result from the run of {job.name}", type(result).__name__, "return one")
    result.name, result.preset, result.seconds = job.name, job.preset, seconds
    result.settings = {**job.settings, **result.settings}
    result.about = dict(job.about) or result.about
    if is_single() and SINGLE not in result.notes:
        result.notes.append(SINGLE)
    result.command, result.inputs = job.config()["command"], dict(job.inputs)
    result.stamped(seed=job.seed)


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
            raise Interrupted(f"stopped at {message}", signal=self.stop.signal)
