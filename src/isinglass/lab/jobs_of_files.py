# SPDX-License-Identifier: Apache-2.0
"""Files that are dropped on the page: `isinglass phases FILE` in a process of its own, with progress and cancel.

The job is the command itself, so that its folder, its exit code and the line that goes on are the same.  It outlives
the tab that began it.  At most `AT_ONCE` run at a time, the others wait.
"""

import asyncio
import os
import re
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from isinglass.errors import InputError
from isinglass.run.directory import new_run

__all__ = ["FileJob", "FileJobs", "MOST_BYTES", "receive_file"]

MOST_BYTES = 512 * 1024 * 1024
AT_ONCE, MOST_JOBS, MOST_LINES = 1, 50, 200
GRACE = 30.0  # s between SIGTERM and SIGKILL: a block of work ends meanwhile
PROGRESS = re.compile(r"^(?P<message>.*): (?P<done>\d+)/(?P<total>\d+)$")


@dataclass
class FileJob:
    """One command at work."""

    number: str
    file: Path
    name: str  # as it was dropped
    out: Path
    state: str = "waits"  # waits, runs, done, failed, stopped
    message: str = ""
    done: int = 0
    total: int = 0
    begun: float = field(default_factory=time.time)
    seconds: float = 0.0
    lines: list[str] = field(default_factory=list)
    process: Any = None
    stopping: bool = False

    def told(self) -> dict[str, Any]:
        """What the page shows."""
        since = time.time() - self.begun if self.state in ("waits", "runs") else self.seconds
        run = [self.out.parent.name, self.out.name] if (self.out / "result.json").is_file() else None
        return {
            "number": self.number, "name": self.name, "state": self.state, "message": self.message,
            "done": self.done, "total": self.total, "seconds": round(since, 1), "line": (self.lines or [""])[-1],
            "run": run,
        }  # fmt: skip


class FileJobs:
    """The jobs of this lab."""

    def __init__(self, root: Path, command: tuple[str, ...] = (sys.executable, "-m", "isinglass")):
        """`root`: the folder of runs; what is dropped is kept in root/lab, so that its run can be repeated."""
        self.root, self.command, self.jobs, self.slots = root, command, {}, asyncio.Semaphore(AT_ONCE)
        self.tasks: set[asyncio.Task] = set()

    def path_for(self, name: str) -> Path:
        """Where a dropped file goes: its plain name behind a random one, below root/lab."""
        plain = re.sub(r"[^\w.+-]", "_", Path(name.replace("\\", "/")).name)[-80:].lstrip(".-") or "file"
        folder = self.root / "lab" / f"{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{secrets.token_hex(3)}"
        folder.mkdir(parents=True)
        return folder / plain

    def begin(self, file: Path, name: str) -> FileJob:
        """Start the command of a file, or let it wait.  Errors: InputError where there are too many."""
        waiting = sum(job.state in ("waits", "runs") for job in self.jobs.values())
        if waiting >= MOST_JOBS:
            raise InputError(f"at most {MOST_JOBS} files at a time", "another", "wait until some are done")
        job = FileJob(secrets.token_hex(4), file, name, new_run(self.root, "phases"))
        self.jobs[job.number] = job
        for old in [n for n, one in self.jobs.items() if one.state not in ("waits", "runs")][:-MOST_JOBS]:
            del self.jobs[old]
        task = asyncio.create_task(self.carry_out(job))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return job

    async def carry_out(self, job: FileJob) -> None:
        """Run the command and read its lines."""
        async with self.slots:
            if job.stopping:
                job.state = "stopped"
                return
            words = ("phases", str(job.file), "--out", str(job.out), "--json")
            job.process = await asyncio.create_subprocess_exec(
                *self.command, *words, start_new_session=True, limit=1 << 20,
                env=os.environ | {"ISINGLASS_PROGRESS_SECONDS": "0.5"},
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            job.state, job.begun = "runs", time.time()
            try:
                await self.read_lines(job)
                code = await job.process.wait()
            except asyncio.CancelledError:
                self.stop(job)
                await self.ended(job)
                raise
            job.seconds = time.time() - job.begun
            job.state = {0: "done", 1: "done", 2: "failed", 75: "stopped", 130: "stopped"}.get(code, "failed")
            if job.stopping and job.state == "failed":
                job.state = "stopped"

    async def read_lines(self, job: FileJob) -> None:
        """Progress and messages, line by line."""
        while line := await job.process.stderr.readline():
            text = line.decode(errors="replace").strip()[:2000]
            if found := PROGRESS.match(text):
                job.message, job.done, job.total = found["message"], int(found["done"]), int(found["total"])
            elif text:
                job.lines = [*job.lines, text][-MOST_LINES:]

    def find(self, number: str) -> FileJob:
        """Errors: InputError for a job that is not there."""
        if number not in self.jobs:
            raise InputError("a job of this lab", f"none numbered {number}", "reload the page")
        return self.jobs[number]

    def stop(self, job: FileJob) -> None:
        """SIGTERM: the command ends after its block and says how to go on."""
        job.stopping = True
        if job.process is not None and job.process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(job.process.pid, signal.SIGTERM)

    async def ended(self, job: FileJob) -> None:
        """Wait for the end of a stopped command; kill it when it takes too long."""
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(job.process.wait(), GRACE)
            return
        with suppress(ProcessLookupError):
            os.killpg(job.process.pid, signal.SIGKILL)

    async def close(self) -> list[str]:
        """Stop everything; the lines that go on with what was stopped."""
        running = [job for job in self.jobs.values() if job.state in ("waits", "runs")]
        for job in running:
            self.stop(job)
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=GRACE)
        for task in self.tasks:
            task.cancel()
        return [job.lines[-1] for job in running if job.lines]


async def receive_file(chunks: AsyncIterator[bytes], path: Path, most: int = MOST_BYTES) -> int:
    """Write what is sent into a new file; its length.  Errors: InputError where it is empty or longer than `most`."""
    length = 0
    try:
        with path.open("xb") as file:
            async for chunk in chunks:
                length += len(chunk)
                if length > most:
                    raise too_long(length, most)
                await asyncio.to_thread(file.write, chunk)
        if not length:
            raise InputError("a data file", "an empty one", "drop one that holds configurations")
    except BaseException:
        path.unlink(missing_ok=True)
        with suppress(OSError):
            path.parent.rmdir()
        raise
    return length


def too_long(length: int, most: int = MOST_BYTES) -> InputError:
    """The refusal of a file that is too long."""
    found = f"more than {length // 2**20} MiB" if length > most else f"{length} bytes"
    return InputError(f"a file of at most {most // 2**20} MiB", found, "run isinglass phases FILE on it")
