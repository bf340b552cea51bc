# SPDX-License-Identifier: Apache-2.0
"""Is a `pass` of `isinglass phases` earned?  Negatives must give none, errors of positives must cover the truth.

usage: earned_phases.py --data FOLDER [--negatives 13] [--positives 8] [--first 0] [--only KIND ...] [--preset quick]
                        [--generate]

Data sets of `phase_data` are made once and kept in FOLDER, one for each kind and seed; results are kept there too
(results-PRESET.jsonl), so that an interrupted run goes on.  Prints one JSON line: numbers with `pass` among the
negatives (target: at most 1 of 200), the share of positives within one and two stated errors with the binomial bounds
of 68 and 95 %, of all numbers and of those with `pass`, and each by kind.  `--time` measures 5,000 x 24 x 24 instead.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from phase_data import NEGATIVES, POSITIVES  # noqa: E402


def dataset(folder, kind, seed):
    """The file of one data set, made if it is not there."""
    path = folder / f"{kind}-{seed}.npz"
    if not path.exists():
        make = (POSITIVES | NEGATIVES)[kind]
        data = make(np.random.default_rng([seed, *kind.encode()]))
        temporary = path.with_suffix(".part.npz")
        np.savez_compressed(temporary, **data)
        temporary.rename(path)
    return path


def judged(path, preset, seed):
    """What the task says of a file."""
    import jax

    import isinglass
    from isinglass import data

    with np.load(path) as file:
        critical = float(file["critical"]) if "critical" in file.files else None
    began = time.perf_counter()
    networks = {"ask": False} if preset == "quick" else {"preset": preset}
    result = isinglass.infer(jax.random.key(seed), data.read(path), **networks)
    found = result.estimates.get("critical_temperature")
    return {
        "critical": critical,
        "value": None if found is None else float(found.value),
        "error": None if found is None or found.error is None else float(found.error),
        "verdict": result.verdict,
        "status": result.status,
        "unsure": [c.law for c in result.checks if c.verdict != "pass"],
        "estimates": {k.split("/")[1]: [e.value, e.error] for k, e in result.estimates.items() if "/" in k},
        "seconds": time.perf_counter() - began,
    }


def coverage(rows):
    """Shares within one and two stated errors, and what 68.3 and 95.4 % would be to two binomial deviations."""
    z = np.array([(r["value"] - r["critical"]) / r["error"] for r in rows if r["error"]])
    if len(z) == 0:
        return {"n": 0}
    bounds = lambda p: [round(p + s * 2 * (p * (1 - p) / len(z)) ** 0.5, 3) for s in (-1, 1)]  # noqa: E731
    return {
        "n": len(z),
        "within_1": round(float(np.mean(np.abs(z) < 1)), 3),
        "expected_1": bounds(0.683),
        "within_2": round(float(np.mean(np.abs(z) < 2)), 3),
        "expected_2": bounds(0.954),
        "mean_z": round(float(z.mean()), 2),
        "worst": round(float(np.abs(z).max()), 1),
    }


def summary(results):
    """Counts over all and by kind."""
    negatives = [r for r in results if r["kind"] in NEGATIVES]
    positives = [r for r in results if r["kind"] in POSITIVES]
    numbers = [r for r in positives if r["value"] is not None]
    by_kind = {}
    for kind in sorted({r["kind"] for r in results}):
        own = [r for r in results if r["kind"] == kind]
        given = [r for r in own if r["value"] is not None]
        by_kind[kind] = {"n": len(own), "numbers": len(given), "pass": sum(r["verdict"] == "pass" for r in given)}
        if kind in POSITIVES:
            by_kind[kind] |= coverage(given)
    return {
        "negatives": len(negatives),
        "kinds_of_negatives": len({r["kind"] for r in negatives}),
        "numbers_with_pass": sum(r["value"] is not None and r["verdict"] == "pass" for r in negatives),
        "numbers_with_unknown": sum(r["value"] is not None and r["verdict"] != "pass" for r in negatives),
        "positives": len(positives),
        "kinds_of_positives": len({r["kind"] for r in positives}),
        "coverage": coverage(numbers),
        "coverage_of_pass": coverage([r for r in numbers if r["verdict"] == "pass"]),
        "by_kind": by_kind,
    }


def timed(preset):
    """Seconds of the whole command for 5,000 configurations of 24 x 24 at 25 temperatures."""
    import subprocess

    from phase_data import Scan, small

    rng = np.random.default_rng(0)
    data = small(Scan(rng, (24, 24), np.linspace(1.6, 3.0, 25), chains=20, draws=10).spins())
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "ising.npz"
        np.savez(file, **data)
        seconds = []
        for repeat in range(2):
            command = [sys.executable, "-m", "isinglass.cli", "phases", str(file), "--json", "--preset", preset]
            began = time.perf_counter()
            done = subprocess.run(
                [*command, "--out", f"{folder}/{repeat}"], capture_output=True, text=True, check=False
            )
            seconds.append(round(time.perf_counter() - began, 1))
    found = json.loads(done.stdout)["estimates"]["critical_temperature"]
    return {"seconds": seconds, "target": 15, "rows": len(data["temperature"]), "critical_temperature": found}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path)
    parser.add_argument("--negatives", type=int, default=13, help="seeds of each kind")
    parser.add_argument("--positives", type=int, default=8, help="seeds of each kind")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", nargs="+", default=[*POSITIVES, *NEGATIVES])
    parser.add_argument(
        "--preset", default="quick", help="quick (no networks, of which no number is made), smoke, laptop or paper"
    )
    parser.add_argument("--generate", action="store_true", help="make the data sets only")
    parser.add_argument("--time", action="store_true", help="time the command at the preset laptop instead")
    options = parser.parse_args()
    if options.time:
        print(json.dumps(timed("laptop")))
        return
    options.data.mkdir(parents=True, exist_ok=True)
    kept = options.data / f"results-{options.preset}.jsonl"
    results = [json.loads(line) for line in kept.read_text().splitlines()] if kept.exists() else []
    done = {(r["kind"], r["seed"]) for r in results}
    for k in range(max(options.negatives, options.positives)):
        for kind in options.only:
            if k >= (options.positives if kind in POSITIVES else options.negatives):
                continue
            seed = options.first + k
            path = dataset(options.data, kind, seed)
            if options.generate or (kind, seed) in done:
                continue
            row = {"kind": kind, "seed": seed} | judged(path, options.preset, seed)
            results.append(row)
            with kept.open("a") as file:
                file.write(json.dumps(row) + "\n")
            print(json.dumps(row), file=sys.stderr, flush=True)
    print(json.dumps(summary(results), indent=1))


if __name__ == "__main__":
    main()
