# SPDX-License-Identifier: Apache-2.0
"""Every outside case of a folder: file, expected, measured, deviation, verdict.

usage: python -m validation FOLDER [--only WORD] [--preset smoke|laptop|paper] [--json]

Files are looked for below FOLDER and below a folder `cases` in it or beside it.  Exit code: 1 if a `pass` is wrong, 2
if nothing was found.  Where to get the files: validation/README.md.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("JAX_ENABLE_X64", "1")

from isinglass.errors import Interrupted
from validation import (
    cosmology,
    couplings,
    gravitational_waves,
    hamiltonians,
    machines,
    phases,
    posteriors,
    potentials,
    scaling_laws,
    second_derivatives,
)
from validation.case import Case, Measured, judged

KINDS = (phases, machines, couplings, hamiltonians, gravitational_waves, cosmology, posteriors, potentials,
         second_derivatives, scaling_laws)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Measure case after case and print each; the exit code."""
    parser = argparse.ArgumentParser(prog="validation", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="part of the kind or of the name of the file")
    parser.add_argument("--preset", choices=("smoke", "laptop", "paper"), default="laptop")
    parser.add_argument("--json", action="store_true", help="one JSON document a line")
    options = parser.parse_args(arguments)
    roots = [root for root in (options.folder, options.folder.resolve().parent / "cases") if root.is_dir()]
    found = [case for kind in KINDS for case in kind.cases(roots)]
    found = [case for case in found if options.only in f"{case.kind}/{case.file.name}"]
    if not found:
        print(f"no outside files below {options.folder}; where they are to be had: {Path(__file__).parent}/README.md")
        return 2
    if not options.json:
        print(f"{'file':<44} {'expected':>14} {'measured':>22} {'deviation':>11} {'verdict':>8} {'':>6} {'s':>5}")
    counts = dict.fromkeys(("right", "open", "wrong"), 0)
    for case in found:
        begun = time.perf_counter()
        measured = case.measure(case.file, options.preset)
        judgement = judged(case, measured)
        counts[judgement] += 1
        show(case, measured, judgement, time.perf_counter() - begun, as_json=options.json)
    print(", ".join(f"{n} {word}" for word, n in counts.items()), file=sys.stderr if options.json else sys.stdout)
    return 1 if counts["wrong"] else 0


def show(case: Case, found: Measured, judgement: str, seconds: float, *, as_json: bool) -> None:
    """One line; what was said below it where the case is not right."""
    if as_json:
        record = {"kind": case.kind, "file": case.file.name, "expected": case.expected, "source": case.source,
                  "measured": found.value, "error": found.error, "deviation": deviation(case, found),
                  "verdict": found.verdict, "judgement": judgement, "said": found.said}  # fmt: skip
        print(json.dumps(record), flush=True)
        return
    from isinglass.report.number import with_error

    expected = "none" if case.expected is None else f"{'>= ' * case.bound}{case.expected:.8g}"
    exact = found.value is not None and (found.error or 0.0) < 1e-9 * abs(found.value)
    measured = (
        "none" if found.value is None else f"{found.value:.10g}" if exact else with_error(found.value, found.error)
    )
    print(f"{case.file.name:<44} {expected:>14} {measured:>22} {deviation(case, found):>11} {found.verdict:>8} "
          f"{judgement:>6} {seconds:5.0f}", flush=True)  # fmt: skip
    if found.said and (judgement != "right" or case.expected == 0):
        print(f"    {found.said}", flush=True)


def deviation(case: Case, found: Measured) -> str:
    """In errors where there is one, else relative, to the tolerance where nothing is expected."""
    if case.expected is None or found.value is None:
        return "-"
    off = found.value - case.expected
    known = found.error and found.error > case.tolerance
    size = abs(case.expected) or case.tolerance or 1.0
    return f"{off / found.error:+.1f} err" if known and found.error else f"{off / size:+.1e}"


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Interrupted, KeyboardInterrupt):
        sys.exit("stopped; --only PART takes up some cases")
