# SPDX-License-Identifier: Apache-2.0
"""All attacks, with a line for each fault and `N of N` at the end: exit code 1 if one succeeded.

usage: python -m attack [--full] [--only WORD] [--every N] [--inputs N] [--kills N] [--processes N] [--list]

By default about ten minutes: one in twelve of the commands, 10,000 mutated inputs, a few kills.  --full: every command,
a million inputs, 20 kills of each driver: most of a day on two cores.  --only: commands whose kind or words bear it.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from attack import calls, files, names, numbers, surroundings
from attack.case import Case
from attack.fixtures import make_good_files
from attack.fuzz import fuzz
from attack.harness import Harness, Verdict
from attack.kill import DRIVERS, kill_all

CORPORA = (numbers, names, files, calls, surroundings)
QUICK = {"every": 12, "inputs": 10_000, "kills": 3, "drivers": ("metropolis", "ground-state")}
FULL = {"every": 1, "inputs": 1_000_000, "kills": 20, "drivers": tuple(DRIVERS)}


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="attack", description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", default="", help="commands whose kind or words bear this; no inputs, no kills")
    parser.add_argument("--every", type=int, help="one in so many commands of each kind")
    parser.add_argument("--inputs", type=int, help="mutated inputs")
    parser.add_argument("--kills", type=int, help="of each driver")
    parser.add_argument("--processes", type=int, default=1, help="for the inputs")
    parser.add_argument("--good", type=Path, help="folder of good files, kept; by default written anew")
    parser.add_argument("--found", type=Path, default=Path("attack_found"), help="where faulty inputs are kept")
    parser.add_argument("--list", action="store_true", help="print the commands, run none")
    options = parser.parse_args(arguments)
    size = FULL if options.full else QUICK
    every = options.every or (1 if options.only else size["every"])
    cases = selected(options.only, every)
    if options.list:
        print(*(f"{case.kind}: {case}" for case in cases), sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="isinglass-good-") as temporary:
        good = options.good or Path(temporary)
        if not (good / "good_run").exists():
            good.mkdir(exist_ok=True)
            make_good_files(good)
        counts = [commands(cases, good)]
        if not options.only:
            inputs, kills = (size[n] if (n_ := getattr(options, n)) is None else n_ for n in ("inputs", "kills"))
            counts.append(fuzz(inputs, 0, good, options.found, options.processes))
            counts.append(kill_all(size["drivers"], kills, 0))
    right, total = (sum(column) for column in zip(*counts, strict=True))
    print(f"{right} of {total}")
    return 0 if right == total else 1


def selected(only: str, every: int) -> list[Case]:
    """The cases of all corpora that bear the word; of each kind every n-th."""
    found = [case for corpus in CORPORA for case in corpus.cases()]
    found = [case for case in found if only in f"{case.kind}: {case}"]
    seen, kept = Counter(), []
    for case in found:
        if seen[case.kind] % every == 0:
            kept.append(case)
        seen[case.kind] += 1
    return kept


def commands(cases: list[Case], good: Path) -> tuple[int, int]:
    """Run the cases beside the good files; how many behaved, of how many."""
    begun = time.monotonic()
    with Harness(good) as harness:
        verdicts = harness.judge(cases, tell)
    right, total = Counter(), Counter()
    for verdict in verdicts:
        total[verdict.case.kind] += 1
        right[verdict.case.kind] += not verdict.faults
    for kind in total:
        print(f"{kind:<28} {right[kind]:>5} of {total[kind]}")
    print(f"{len(cases)} commands in {time.monotonic() - begun:.0f} s", flush=True)
    return right.total(), total.total()


def tell(verdict: Verdict) -> None:
    """A line for a case that is wrong."""
    if verdict.faults:
        print(f"BAD  {verdict.case.kind}: {verdict.case}\n     " + "\n     ".join(verdict.faults), flush=True)


if __name__ == "__main__":
    sys.exit(main())
