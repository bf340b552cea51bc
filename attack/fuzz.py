# SPDX-License-Identifier: Apache-2.0
"""Mutated inputs into every loader: a result, or a refusal of one line; nothing else, and within seconds.

usage: python -m attack.fuzz [--inputs 10000] [--seed 0] [--processes 1] [--only LOADER] [--found FOLDER]
                            [--input I]

Input I of a seed is always the same, on any number of processes: `--seed S --input I` runs it alone, with a traceback.
The smallest input of each kind of fault is kept in FOUND.  The last line is `N of N`.
"""

import argparse
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attack.harness import cpu, environment

__all__ = ["Find", "fault_of", "fuzz", "main"]

SECONDS = 20.0  # of CPU time for an input; beyond it hangs
ADDRESSES = 12 * 2**30  # bytes of address space: a header that claims more is believed by nobody
REPORT = 200  # inputs between two lines of a process


class Find:
    """The faults by kind, each with its smallest input."""

    def __init__(self, folder: Path):
        """`folder`: where inputs are kept."""
        self.folder, self.sizes, self.counts = folder, {}, Counter()

    def add(self, loader: str, fault: str, at: int, files: Path) -> None:
        """Count a fault; keep its input if it is the smallest."""
        kind = f"{loader}: {fault}"
        self.counts[kind] += 1
        size = sum(path.stat().st_size for path in files.rglob("*") if path.is_file())
        if size >= self.sizes.get(kind, sys.maxsize):
            return
        self.sizes[kind] = size
        place = self.folder / f"{loader}-{list(self.sizes).index(kind) + 1}"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(files, place)
        (place / "fault.txt").write_text(f"input {at}\n{kind}\n", encoding="utf-8")
        if self.counts[kind] == 1:
            print(f"BAD  input {at}, {kind}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Feed as many inputs as are asked for; exit code 1 if one was not refused as it should."""
    parser = argparse.ArgumentParser(prog="attack.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="", help="one loader")
    parser.add_argument("--good", type=Path, help="folder of good files; by default written anew")
    parser.add_argument("--found", type=Path, default=Path("attack_found"), help="where faulty inputs are kept")
    parser.add_argument("--input", type=int, help="this one alone")
    parser.add_argument("--share", help=argparse.SUPPRESS)  # of a process: first:step
    options = parser.parse_args(arguments)
    if options.share or options.input is not None:
        return feed(options)
    good, total = fuzz(options.inputs, options.seed, options.good, options.found, options.processes, options.only)
    print(f"{good} of {total}")
    return 0 if good == total else 1


def fuzz(inputs: int, seed: int, good: Path | None, found: Path, processes: int = 1, only: str = "") -> tuple[int, int]:
    """Inputs 0, 1, ... of a seed in several processes; how many behaved, of how many."""
    from attack.fixtures import make_good_files

    with tempfile.TemporaryDirectory(prefix="isinglass-fuzz-") as temporary:
        files = good or Path(temporary) / "good"
        if not (files / "good_run").exists():
            files.mkdir(exist_ok=True)
            make_good_files(files)
        finds, begun = Find(found), time.monotonic()
        share = [Child(Path(temporary) / str(k), files, seed, inputs, k, processes, only) for k in range(processes)]
        while any(child.running for child in share):
            for child in share:
                child.look(finds)
            time.sleep(0.05)
        done = sum(child.done for child in share)
    print(f"{done} inputs in {time.monotonic() - begun:.0f} s")
    return done - finds.counts.total(), done


class Child:
    """A process that feeds every n-th input; it is ended where an input hangs, and begun again after it."""

    def __init__(self, folder: Path, good: Path, seed: int, inputs: int, first: int, step: int, only: str):
        """`folder`: its scratch; inputs `first`, `first + step`, ..."""
        self.folder, self.good, self.seed, self.inputs, self.only = folder, good, seed, inputs, only
        self.next, self.step, self.done, self.running = first, step, 0, True
        self.place = 0  # in the log, up to which it is read
        folder.mkdir()
        self.start()

    def start(self) -> None:
        """Begin with the next input."""
        words = ["--seed", str(self.seed), "--inputs", str(self.inputs), "--good", str(self.good), "--only", self.only,
                 "--share", f"{self.next}:{self.step}", "--found", str(self.folder)]  # fmt: skip
        (self.folder / "now").unlink(missing_ok=True)
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "attack.fuzz", *words], stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.DEVNULL, env=environment(),
            )  # fmt: skip
        self.seen, self.used = -1, 0.0

    def look(self, finds: Find) -> None:
        """Read what it found; see whether it hangs, died, or is done."""
        if not self.running:
            return
        ended = self.process.poll() is not None
        self.read(finds)
        now = at_now(self.folder)
        if ended:
            self.process.wait()
            if self.process.returncode > 0:
                raise SystemExit(f"the fuzzer itself fails: python -m attack.fuzz --input {max(now, 0)} tells why")
            if self.process.returncode == 0:
                self.running = False
            else:
                self.give_up(finds, now, f"dies with {self.process.returncode}")
        elif now != self.seen:
            self.seen, self.used = now, cpu(self.process.pid)
        elif now >= 0 and cpu(self.process.pid) - self.used > SECONDS:
            self.process.kill()
            self.process.wait()
            self.give_up(finds, now, "hangs")

    def read(self, finds: Find) -> None:
        """The lines `fault`, input, loader, words; and `done`, number."""
        with open(self.folder / "log") as log:
            log.seek(self.place)
            *lines, last = log.read().split("\n")
            self.place = log.tell() - len(last.encode())
        for line in lines:
            word, _, rest = line.partition(" ")
            if word == "done":
                self.done += int(rest)
            if word == "fault":
                at, loader, fault = rest.split(" ", 2)
                finds.add(loader, fault, int(at), self.folder / f"fault-{at}")
                shutil.rmtree(self.folder / f"fault-{at}", ignore_errors=True)

    def give_up(self, finds: Find, now: int, fault: str) -> None:
        """Keep the input at which it ended, and go on after it."""
        if now < 0:
            raise SystemExit("the fuzzing process does not start: python -m attack.fuzz --input 0 tells why")
        loader = (self.folder / "loader").read_text()
        finds.add(loader, fault, now, self.folder / "input")
        self.done += (now - self.next) // self.step % REPORT + 1
        self.next = now + self.step
        self.start()


def at_now(folder: Path) -> int:
    """The input that a process is at; -1 before the first."""
    try:
        return int((folder / "now").read_text() or -1)
    except (OSError, ValueError):
        return -1


def feed(options: Any) -> int:
    """The inputs of one process, one after the other; or one alone, whose fault is raised."""
    from attack.loaders import WEIGHTS, loaders

    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    single = options.input is not None
    home = Path(tempfile.mkdtemp()) if single else options.found
    good = options.good
    if good is None:
        from attack.fixtures import make_good_files

        good = home / "good"
        good.mkdir()
        make_good_files(good)
    every, weights = loaders(good), {name: w for name, w in WEIGHTS.items() if options.only in ("", name)}
    first, step = (options.input, sys.maxsize) if single else map(int, options.share.split(":"))
    count = 0
    for at in range(first, max(options.inputs, first + 1), step):
        rng = random.Random(f"{options.seed} {at}")
        name = rng.choices(list(weights), list(weights.values()))[0]
        folder = fresh(home / "input")
        (home / "loader").write_text(name)
        (home / "now").write_text(str(at))
        fault = fault_of(every[name](rng, folder), alone=single)
        if single:
            print(f"{name}: {fault or 'a result, or a refusal of one line'}; {folder}")
        elif fault:
            shutil.copytree(folder, home / f"fault-{at}")
            print(f"fault {at} {name} {fault}", flush=True)
        count += 1
        if count % REPORT == 0:
            print(f"done {REPORT}", flush=True)
    print(f"done {count % REPORT}", flush=True)
    return 0


def fresh(folder: Path) -> Path:
    """An empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def fault_of(call: Callable[[], Any], *, alone: bool = False) -> str:
    """What is wrong with the end of a call; empty for a result or a refusal of one line by a line of the package."""
    from isinglass import cli

    try:
        call()
    except ValueError as error:
        if cli.is_sentence(error) and "\n" not in str(error) and len(str(error)) < 2000:
            if alone:
                print(error)
            return ""
        return described(error, alone=alone)
    except BaseException as error:  # noqa: BLE001 - a fault, whatever it is
        return described(error, alone=alone)
    return ""


def described(error: BaseException, *, alone: bool) -> str:
    """The kind of an error and the line that raised it, on one line."""
    if alone:
        traceback.print_exception(error)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "isinglass" in f.filename]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {where}: {' '.join(str(error).split())[:120]}"


if __name__ == "__main__":
    sys.exit(main())
