# SPDX-License-Identifier: Apache-2.0
"""All attacks, with a line for each fault and `N of N` at the end: exit code 1 if one succeeded.

usage: python -m attack [--only WORD] [--inputs N] [--kills N] [--seed S] [--list]
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from attack import calls, names, numbers, surroundings
from attack.case import Case
from attack.fixtures import make_good_files
from attack.harness import Harness, Verdict

CORPORA = (numbers, names, calls, surroundings)


def main(arguments: list[str] | None = None) -> int:
    """Run what is asked for; the exit code."""
    parser = argparse.ArgumentParser(prog="attack", description=__doc__)
    parser.add_argument("--only", default="", help="part of the kind or of the words of a case")
    parser.add_argument("--every", type=int, default=1, help="only every n-th case of a kind")
    parser.add_argument("--good", type=Path, help="folder of good files, kept; by default written anew")
    parser.add_argument("--list", action="store_true", help="print the cases, run none")
    options = parser.parse_args(arguments)
    cases = selected(options.only, options.every)
    if options.list:
        print(*(f"{case.kind}: {case}" for case in cases), sep="\n")
        return 0
    good, total = commands(cases, options.good)
    print(f"{good} of {total}")
    return 0 if good == total else 1


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


def commands(cases: list[Case], folder: Path | None) -> tuple[int, int]:
    """Run the cases; how many behaved, of how many."""
    with tempfile.TemporaryDirectory(prefix="isinglass-good-") as temporary:
        good = folder or Path(temporary)
        if not (good / "good_run").exists():
            good.mkdir(exist_ok=True)
            make_good_files(good)
        with Harness(good) as harness:
            begun = time.monotonic()
            verdicts = harness.judge(cases, tell)
    right, total = Counter(), Counter()
    for verdict in verdicts:
        total[verdict.case.kind] += 1
        right[verdict.case.kind] += not verdict.faults
    for kind in total:
        print(f"{kind:<28} {right[kind]:>5} of {total[kind]}")
    print(f"{len(cases)} commands in {time.monotonic() - begun:.0f} s")
    return right.total(), total.total()


def tell(verdict: Verdict) -> None:
    """A line for a case that is wrong."""
    if verdict.faults:
        print(f"BAD  {verdict.case.kind}: {verdict.case}\n     " + "\n     ".join(verdict.faults), flush=True)


if __name__ == "__main__":
    sys.exit(main())
