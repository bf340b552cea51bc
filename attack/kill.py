# SPDX-License-Identifier: Apache-2.0
"""Processes ended at random moments, by SIGKILL, SIGTERM and Ctrl-C, then gone on with as a user would.

usage: python -m attack.kill [--kills 20] [--only DRIVER] [--seed 0]

A command that is ended may publish nothing.  SIGTERM: exit code 75; Ctrl-C: 130; each with the command that goes on,
which is used.  After SIGKILL the same command is given again, or `isinglass run --resume`.  In the end every number
must be that of the run that nobody stopped, bit for bit.  The last line is `N of N`.
"""

import argparse
import json
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from attack.harness import COMMAND, environment

__all__ = ["DRIVERS", "differences", "kill_all", "main"]

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
CODES = {signal.SIGKILL: (-9,), signal.SIGTERM: (75,), signal.SIGINT: (130,)}
CHAIN = b'bond = "-1.0 Z(i) Z(j)"\nsite = "-0.9 X(i)"\n[lattice]\nname = "chain"\nshape = [16]\n'
LATTICE = "--shape 16 16 --warmup 4000 --samples 2048 --chains 32 --thin 400 --effective-samples none"
DRIVERS = {  # a command of some ten seconds for each loop that can be stopped
    "metropolis": f"sample ising {LATTICE} --temperature 2.0 2.3 --method metropolis",
    "heat-bath": f"sample potts --q 3 {LATTICE} --temperature 1.0 --method heat_bath",
    "swendsen-wang": "sample ising --shape 24 24 --temperature 2.27 --samples 4096 --chains 16 --thin 8 "
                     "--method swendsen_wang --effective-samples none",
    "tempering": "sample ising --shape 8 8 --temperature 1.8:2.6:6 --samples 2048 --thin 40 --method tempering "
                 "--effective-samples none",
    "hmc": "sample phi4 --shape 12 12 --samples 4096 --thin 4 --warmup 1000 --method hmc --effective-samples none",
    "extended": "sample ising --shape 16 16 --temperature 2.27 --samples 512 --chains 8 --method metropolis",
    "annealing": "sample edwards-anderson --shape 8 8 --method annealing --sweeps 20000 --runs 64",
    "flow": "sample phi4 --shape 6 6 --method flow --steps 600 --batch 128 --samples 2048",
    "autoregressive": "sample ising --shape 8 8 --temperature 2.3 --method autoregressive --steps 500 --batch 128",
    "diffusion": "sample phi4 --shape 4 4 --method diffusion --steps 600 --batch 128 --samples 512 --correct none",
    "ground-state": "ground-state chain.toml --ansatz rbm --steps 400 --samples 512",
    "experiment": "run tfim-ground-state --preset smoke --sizes 8 --fields 0.5 --square 0 --steps 200 --samples 256",
    "several": "run spin-glass-annealing --preset smoke --side 4",
}  # fmt: skip
QUICK = ("metropolis", "hmc", "flow", "ground-state")
TIMES = {"s", "1/s"}  # units of what no two runs share


class Ended(NamedTuple):
    """How a process ended."""

    code: int
    err: str
    seconds: float


def main(arguments: list[str] | None = None) -> int:
    """Every driver; exit code 1 if a kill changed a number."""
    parser = argparse.ArgumentParser(prog="attack.kill", description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="of each driver")
    parser.add_argument("--only", default="", help=f"one of {', '.join(DRIVERS)}, or `quick` for four of them")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    names = QUICK if options.only == "quick" else [name for name in DRIVERS if options.only in ("", name)]
    good, total = kill_all(names, options.kills, options.seed)
    print(f"{good} of {total}")
    return 0 if good == total else 1


def kill_all(names: Any, kills: int, seed: int) -> tuple[int, int]:
    """So many kills of each driver; how many left every bit as it was, of how many."""
    good = total = 0
    for name in names:
        with tempfile.TemporaryDirectory(prefix="isinglass-kill-") as folder:
            right = killed(name, Path(folder), kills, random.Random(f"{seed} {name}"))
        print(f"{name:<16} {right} of {kills}", flush=True)
        good, total = good + right, total + kills
    return good, total


def killed(name: str, folder: Path, kills: int, rng: random.Random) -> int:
    """How many kills of a driver left every bit as it was."""
    (folder / "chain.toml").write_bytes(CHAIN)
    words, end = shlex.split(DRIVERS[name]), ".nc" if DRIVERS[name].startswith("sample") else ""
    run([*words, "--out", f"warm{end}"], folder)  # compile
    whole = run([*words, "--out", f"whole{end}"], folder)
    if whole.code not in (0, 1):
        print(f"BAD  {name}: exit code {whole.code}: {whole.err[-300:]}", flush=True)
        return 0
    right = 0
    for k in range(kills):
        number = SIGNALS[k % len(SIGNALS)]
        after = whole.seconds * rng.uniform(0.1, 1.0)
        wrong = trial([*words, "--out", f"o{k}{end}"], folder, number, after, by_resume=k % 2 == 1)
        wrong = wrong or differences(folder / f"whole{end}", folder / f"o{k}{end}")
        if wrong:
            print(f"BAD  {name}, {number.name} after {after:.1f} of {whole.seconds:.1f} s: {wrong}", flush=True)
        right += not wrong
    return right


def trial(words: list[str], folder: Path, number: signal.Signals, after: float, *, by_resume: bool) -> str:
    """End a command once and go on with it; what went wrong, if anything."""
    out = folder / words[-1]
    ended = run(words, folder, number, after)
    if out.exists():
        done = (0, 1, -9) if number == signal.SIGKILL else (0, 1)  # it came after the end of the work
        return "" if ended.code in done else f"published, with exit code {ended.code}"
    if ended.code not in CODES[number]:
        return f"exit code {ended.code}, expected {CODES[number][0]}: {ended.err[-300:]}"
    told = re.search(r"(?:go on with|begin again with): isinglass (.*?)\.?$", ended.err, re.MULTILINE)
    if number != signal.SIGKILL and not told and "before the work began" not in ended.err:
        return f"no command that goes on: {ended.err[-300:]}"
    again = shlex.split(told[1]) if told else words
    partial = out.with_name(out.name + ".partial")
    if by_resume and (partial / "config.toml").exists():
        again = ["run", "--resume", str(partial)]
    then = run(again, folder)
    if then.code not in (0, 1):
        return f"{shlex.join(again)}: exit code {then.code}: {then.err[-300:]}"
    return f"left {partial.name}" if partial.exists() else ""


def run(words: list[str], folder: Path, number: signal.Signals | None = None, after: float = 0.0) -> Ended:
    """A command in a process of its own, with a signal after some seconds."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(
            [*COMMAND, *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err,
            env=environment(), start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(after if number else 3600)
        except subprocess.TimeoutExpired:
            if number:
                os.kill(process.pid, number)
            process.wait(600)
        err.seek(0)
        return Ended(process.returncode, err.read(), time.monotonic() - begun)


def differences(one: Path, other: Path) -> str:
    """What differs in the numbers of two outputs, times aside; empty where every bit is the same."""
    if one.is_file():
        return arrays_differ(one, other)
    a, b = (json.loads((path / "result.json").read_text(encoding="utf-8")) for path in (one, other))
    timed = {name for name, e in a["estimates"].items() if e["unit"] in TIMES}
    odd = [n for n in a["estimates"].keys() | b["estimates"].keys()
           if n not in timed and a["estimates"].get(n) != b["estimates"].get(n)]  # fmt: skip
    said = [[c for c in record["checks"] if c.get("of") not in timed] for record in (a, b)]
    odd += ["checks"] * (said[0] != said[1])
    for name in ("model.safetensors",):
        if any((path / name).exists() for path in (one, other)):
            pair = [(path / name).read_bytes() if (path / name).exists() else b"" for path in (one, other)]
            odd += [name] * (pair[0] != pair[1])
    odd += [found] if (found := arrays_differ(one / "arrays.nc", other / "arrays.nc")) else []
    return f"differs in {', '.join(odd)}" if odd else ""


def arrays_differ(one: Path, other: Path) -> str:
    """The variables that differ in two netCDF files, but for times."""
    import h5py

    if not one.exists():
        return ""
    with h5py.File(one) as a, h5py.File(other) as b:
        names = {name for name in a.keys() | b.keys() if "second" not in name}
        odd = sorted(name for name in names if name not in a or name not in b or bits(a[name]) != bits(b[name]))
    return f"arrays {', '.join(odd)}" if odd else ""


def bits(dataset: Any) -> bytes:
    """The content of a dataset."""
    return dataset[()].tobytes() if dataset.dtype.kind != "O" else repr(dataset[()]).encode()


if __name__ == "__main__":
    sys.exit(main())
