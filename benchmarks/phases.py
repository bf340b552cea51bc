# SPDX-License-Identifier: Apache-2.0
"""`isinglass phases` on 5000 configurations of 24 x 24 at 25 temperatures: seconds of the whole process, and accuracy.

usage: phases.py [--repeats 1] [--only NAME ...] [--preset laptop]

Data are drawn with `isinglass sample`, which is timed too, into a folder that is removed.  Each line is JSON; accuracy
holds T_c, its stated error, the exact value, the deviation in percent and the verdict, and what a person is told.
`above` is data wholly above T_c: there the right answer is that no transition is seen.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

# name -> (arguments of `isinglass sample`, exact T_c of the infinite lattice, where it is from)
WORKLOADS = {
    "ising": (["ising", "--temperature", "1.6:3.0:25"], 2 / math.log(1 + math.sqrt(2)), "Onsager 1944"),
    "triangular": (
        ["ising", "--lattice", "triangular", "--temperature", "2.8:4.6:25"], 4 / math.log(3), "Houtappel 1950",
    ),
    "potts3": (["potts", "--q", "3", "--temperature", "0.7:1.3:25"], 1 / math.log(1 + math.sqrt(3)), "Potts 1952"),
    "xy": (["xy", "--temperature", "0.4:1.6:25"], 0.8929, "Hasenbusch 2005, a BKT transition"),
    "above": (["ising", "--temperature", "3.0:4.5:25"], None, "no transition in the range"),
}  # fmt: skip
TARGET_SECONDS = 60


def isinglass(*arguments):
    """Seconds and JSON of one whole process; exit code 1 is a failed check, not a failure to run."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "isinglass.cli", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - began
    if done.returncode not in (0, 1):
        print(f"{' '.join(command[2:])}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return seconds, None
    return seconds, json.loads(done.stdout)


def accuracy(result, exact):
    """What was found, beside what is known."""
    found = result["estimates"].get("critical_temperature", {"value": None, "error": None})
    near = result["status"] if result["status"] != "done" else (result["notes"] or [""])[0]
    line = {"critical_temperature": found["value"], "error": found["error"], "exact": exact, "said": near}
    if exact is not None and found["value"] is not None:
        line["deviation_percent"] = 100 * (found["value"] / exact - 1)
        if found["error"]:
            line["deviation_in_errors"] = (found["value"] - exact) / found["error"]
    return line | {"verdict": result["verdict"]}


def measure(name, folder, options):
    """Sample once, find the transition as often as asked."""
    arguments, exact, source = WORKLOADS[name]
    file = folder / f"{name}.nc"
    drawing, _ = isinglass("sample", *arguments, "--shape", 24, 24, "--samples", 200, "--out", file, "--seed", 1)
    runs = []
    for repeat in range(options.repeats):
        out = folder / f"{name}-{repeat}"
        runs.append(isinglass("phases", file, "--preset", options.preset, "--out", out, "--seed", repeat))
    runs = [run for run in runs if run[1] is not None]
    if not runs:
        return
    seconds = min(run[0] for run in runs)
    line = {"name": "isinglass", "workload": f"phases {name}", "metric": seconds, "unit": "s", "seconds": seconds}
    line |= {"compile_seconds": None, "sampling_seconds": drawing, "target": f"{TARGET_SECONDS} s"}
    line |= {"met": seconds <= TARGET_SECONDS, "accuracy": accuracy(runs[0][1], exact), "source": source}
    print(json.dumps(line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(WORKLOADS), default=list(WORKLOADS))
    parser.add_argument("--preset", default="laptop")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.only:
            measure(name, pathlib.Path(folder), options)


if __name__ == "__main__":
    main()
