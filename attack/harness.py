# SPDX-License-Identifier: Apache-2.0
"""Runs the cases as a hostile world would, and judges what comes out."""

import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attack.case import Case
from attack.worker import ADDRESSES

__all__ = ["Answer", "Harness", "Verdict", "environment", "faults", "snapshot"]

SECONDS = 20.0  # of CPU time for a command in a warm process; beyond it hangs
SECONDS_ALONE = 90.0  # for one that starts, compiles and runs
MEGABYTES = 4000  # what bad input may cost
COMMAND = [sys.executable, "-m", "isinglass.cli"]
NOISE = re.compile(r"^([EWIF]\d{4} |WARNING: All log messages before)")  # of XLA, about programs of another machine


class Answer(NamedTuple):
    """What a command did."""

    code: int | str  # the exit code; HANG, or DIED with a signal
    out: str
    err: str
    megabytes: float
    seconds: float


class Verdict(NamedTuple):
    """A case and what is wrong with its answer."""

    case: Case
    faults: list[str]
    answer: Answer


class Harness:
    """A folder, the good files in it, and a process that runs the cases; a context."""

    def __init__(self, good: Path | None = None, *, seconds: float = SECONDS):
        """`good`: a folder whose files are laid beside every case that names them."""
        self.good, self.seconds = good, seconds
        self.folder = Path(tempfile.mkdtemp(prefix="isinglass-attack-"))
        self.process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "Harness":
        """The harness."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process and remove the folder."""
        self.stop()
        unlocked(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def judge(self, cases: Iterable[Case], told: Callable[[Verdict], None] = lambda verdict: None) -> list[Verdict]:
        """The verdict on each case."""
        verdicts = []
        for case in cases:
            verdicts.append(self.one(case))
            told(verdicts[-1])
        return verdicts

    def one(self, case: Case) -> Verdict:
        """Run a case in a folder of its own and judge it."""
        place = self.folder / "case"
        place.mkdir()
        try:
            self.lay(case, place)
            before = snapshot(place)
            answer = alone(case, place) if case.alone else self.ask(case, place)
            after = snapshot(place)
            changed = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
        finally:
            unlocked(place)
            shutil.rmtree(place)
        return Verdict(case, faults(case, answer, changed), answer)

    def lay(self, case: Case, place: Path) -> None:
        """The files of a case: the good ones that its words name, its own, and what it prepares."""
        text = " ".join(case.words)
        for path in sorted(self.good.iterdir()) if self.good else ():
            if path.name in text:
                (shutil.copytree if path.is_dir() else shutil.copyfile)(path, place / path.name)
        for name, content in case.files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        if case.prepare:
            case.prepare(place)

    def ask(self, case: Case, place: Path) -> Answer:
        """The answer of the warm process; it is started anew where it died or hung."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        process, begun = self.process, time.monotonic()
        assert process is not None  # noqa: S101
        assert process.stdin  # noqa: S101
        paths = {name: str(self.folder / name) for name in ("out", "err")}
        job = {"words": list(case.words), "python": case.python, "folder": str(place), "seconds": self.seconds, **paths}
        process.stdin.write(json.dumps(job) + "\n")
        process.stdin.flush()
        line = first_line(process, 2 * self.seconds + 10)
        if not line:
            self.stop()
        died = {"code": "HANG" if line is None else f"DIED {process.returncode}", "megabytes": 0.0}
        told = json.loads(line) if line else died
        if told["code"] == "HANG":
            self.stop()  # what was interrupted may be in any state
        out, err = (text_of(Path(path)) for path in paths.values())
        return Answer(told["code"], out, err, told["megabytes"], time.monotonic() - begun)

    def start(self) -> None:
        """Start the process."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "attack.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, env=environment(),
        )  # fmt: skip

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            with self.process:  # waits, and closes its streams
                pass
        self.process = None


def first_line(process: "subprocess.Popen[str]", seconds: float) -> str | None:
    """The next line that a process writes; empty where it died, None where it writes none in `seconds` of CPU time."""
    begun, used = time.monotonic(), cpu(process.pid)
    while time.monotonic() - begun < 15 * seconds and cpu(process.pid) - used < seconds:
        if select.select([process.stdout], [], [], 0.25)[0]:
            return process.stdout.readline() if process.stdout else ""
        if process.poll() is not None:
            return ""
    return None


def alone(case: Case, place: Path) -> Answer:
    """The answer of a process of its own, in its own surroundings."""
    begun, run = time.monotonic(), [*case.wrapper, *([sys.executable, "-c"] if case.python else COMMAND), *case.words]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            run, cwd=place, env=environment(case.environment), stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            start_new_session=True, preexec_fn=limit_addresses,
        )  # fmt: skip
        code: int | str = "HANG"
        while time.monotonic() - begun < 4 * SECONDS_ALONE and cpu(process.pid) < SECONDS_ALONE:
            if process.poll() is not None:
                code = process.returncode
                break
            time.sleep(0.05)
        if code == "HANG":
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    return Answer(code, texts[0], texts[1], 0.0, time.monotonic() - begun)


def limit_addresses() -> None:
    """What asks for more gets MemoryError, not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))


def environment(changes: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Ours, with the package and this kit to be found from any folder, and these changes; None: unset."""
    here = str(Path(__file__).parents[1])
    paths = [here, str(Path(here) / "src"), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    found = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)), "PYTHONFAULTHANDLER": "1",
             **(changes or {})}  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def faults(case: Case, answer: Answer, changed: list[str]) -> list[str]:
    """What is wrong with an answer: code, message, traces."""
    found, err = [], [line for line in answer.err.splitlines() if line.strip() and not NOISE.match(line)]
    if answer.code == "HANG":
        return [f"hangs: no end after {answer.seconds:.0f} s"]
    if answer.code not in case.codes:
        found.append(f"exit code {answer.code}, expected {' or '.join(map(str, case.codes))}")
    if "Traceback (most recent call last)" in answer.err + answer.out or "Fatal Python error" in answer.err:
        found.append(f"traceback: {err[-1][:200] if err else ''}")
    elif answer.code == 2:
        found += wrong_refusal(case, answer, err)
    if answer.code not in (0, 1) and changed:
        found.append(f"left or changed: {', '.join(changed[:5])}")
    if answer.megabytes > MEGABYTES:
        found.append(f"memory: {answer.megabytes:.0f} MB")
    if case.says and answer.code in case.codes and not re.search(case.says, answer.out + answer.err):
        found.append(f"does not say {case.says!r}: {(answer.out + answer.err)[-300:]!r}")
    return found


def wrong_refusal(case: Case, answer: Answer, err: list[str]) -> list[str]:
    """A refusal is one line on stderr that says what was expected, what was found and what to do."""
    found = []
    if len(err) != 1 and not case.wrapper:
        found.append(f"{len(err)} lines on stderr: {' / '.join(err[:3])[:200]}")
    line = next((line for line in err if line.startswith("isinglass: ")), "")
    low = line.lower()
    if err and not line:
        found.append(f"no line that begins with isinglass: {err[0][:200]}")
    elif line and not (re.search(r"expected |needs? |must ", low) and re.search(r"found |got ", low)):
        found.append(f"words: {line[:250]}")
    elif len(line) > 1000:
        found.append(f"words: a message of {len(line)} characters")
    if answer.out.strip() and not case.python:
        found.append(f"stdout: {answer.out[:100]!r}")
    return found


def snapshot(folder: Path) -> dict[str, str]:
    """Name -> kind, size and time of all that lies below a folder."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(root, name)
            status = os.lstat(path)
            size = "" if name in folders else f"{status.st_size} {status.st_mtime_ns}"
            found[os.path.relpath(path, folder)] = f"{status.st_mode:o} {size}"
    return found


def cpu(pid: int) -> float:
    """Seconds of CPU that a process has used; 0 where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(text[11]) + int(text[12])) / os.sysconf("SC_CLK_TCK")


def text_of(path: Path) -> str:
    """What a file holds, if there is one."""
    return path.read_text(errors="replace") if path.exists() else ""


def unlocked(folder: Path) -> None:
    """Let a folder and all below it be removed."""
    for root, folders, _ in os.walk(folder):
        for name in folders:
            path: Any = os.path.join(root, name)
            if not os.path.islink(path):
                os.chmod(path, 0o755)
