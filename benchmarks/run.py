# SPDX-License-Identifier: Apache-2.0
"""All benchmarks: ours and named peers side by side; JSON lines first, then one table of ours, peer, ratio and target.

usage: run.py [--quick] [--busy] [--only startup metropolis cnn_training phases flow_training hmc ancestral
              exact_diagonalization neural_states simulation_farm posterior_estimation potentials lab]
              [--out LINES.jsonl]

Each line of a benchmark is {"name", "workload", "metric", "seconds", "compile_seconds", "accuracy", ...}.  Every
benchmark is a process of its own, and peers run in environments of their own under $ISINGLASS_PEERS (default .peers;
`make peers` makes them); a peer that is not there is left out, and the table says so.  Times are the best of several
(start-up: the median); the load of the machine is written down with them.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
from collections import defaultdict

import busy

HERE = pathlib.Path(__file__).resolve().parent
BENCHMARKS = (
    "startup",
    "metropolis",
    "cnn_training",
    "phases",
    "flow_training",
    "hmc",
    "ancestral",
    "exact_diagonalization",
    "neural_states",
    "simulation_farm",
    "posterior_estimation",
    "potentials",
    "lab",
)
QUICK = {
    "startup": ["--repeats", "3"],
    "metropolis": ["--repeats", "1", "--no-sizes"],
    "cnn_training": ["--repeats", "1", "--steps", "24"],
    "phases": ["--only", "ising"],
    "flow_training": ["--repeats", "1", "--limit", "60"],
    "hmc": ["--repeats", "1", "--only", "16:0.2"],
    "ancestral": ["--repeats", "1", "--batch", "8"],
    "neural_states": ["--only", "tfim20", "--steps", "100"],
    "exact_diagonalization": ["--repeats", "1", "--sizes", "16"],
    "simulation_farm": ["--repeats", "1", "--simulations", "1500"],
    "posterior_estimation": ["--seeds", "1", "--only", "two_moons"],
    "potentials": ["--only", "nequip", "moments", "--epochs", "5"],
    "lab": ["--seconds", "10", "--minutes", "1"],
}
PEER_NAMES = {"L=1024 at T_c": ("numba", "multispin"), "41 temperatures x L=32": ("numba", "multispin"),
              "CNN 3x3x32 twice, 32 x 32, batch 256": ("pytorch",),
              "RealNVP step, phi^4 L=8, batch 512": ("normflows",),
              "phi^4 L=8, training to ESS 50 %": ("normflows",)}  # fmt: skip


def machine():
    """What the numbers were measured on."""
    return {
        "name": "machine",
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
    }


def processor():
    """As the kernel calls it."""
    path = pathlib.Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def run(benchmark, arguments, write):
    """The lines of one benchmark, passed on as they come; their own words go to stderr."""
    command = [sys.executable, HERE / f"{benchmark}.py", *arguments]
    lines = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for text in process.stdout:
            write(text)
            lines.append(json.loads(text))
    if process.returncode:
        print(f"{benchmark}: exit code {process.returncode}", file=sys.stderr)
        lines.append({"name": "failed", "workload": benchmark})
    return lines


def number(line):
    """The metric of a line as one number."""
    metric = line["metric"]
    return metric["attempts_per_ns"] if isinstance(metric, dict) else metric


def unit(line):
    """Its unit."""
    return "attempts/ns" if isinstance(line["metric"], dict) else line["unit"]


def target(workload, ours, peers):
    """What must be reached, in words, and whether it was; None where it cannot be told."""
    if workload in PEER_NAMES and "pytorch" in PEER_NAMES[workload]:
        return "faster than PyTorch", number(ours) > peers["pytorch"] if "pytorch" in peers else None
    if workload in PEER_NAMES and "target" not in ours:
        fast = number(ours) >= 4.0
        ahead = number(ours) >= 10 * peers["numba"] if "numba" in peers else None
        return "4 /ns and 10 x numba", fast and ahead if ahead is not None or fast else False
    if workload.startswith("phases "):
        return ours["target"] + " and " + TRANSITIONS[workload][0], ours["met"] and TRANSITIONS[workload][1](ours)
    return ours.get("target", ""), ours.get("met")


def within(percent):
    """T_c within so many percent."""

    def holds(line):
        deviation = line["accuracy"].get("deviation_percent")
        return deviation is not None and abs(deviation) <= percent

    return f"T_c within {percent} %", holds


TRANSITIONS = {f"phases {name}": within(2) for name in ("ising", "triangular", "potts3")} | {
    "phases xy": within(10),
    "phases above": ("no transition", lambda line: line["accuracy"]["critical_temperature"] is None),
}


def rows(lines):
    """The table: one row for each workload of ours and each peer."""
    found = defaultdict(dict)
    for line in lines:
        if "metric" in line and line["name"] != "ratio":
            found[line["workload"]][line["name"]] = line
    for workload, by_name in found.items():
        if "isinglass" not in by_name:
            continue
        ours = by_name.pop("isinglass")
        peers = {name: number(line) for name, line in by_name.items()}
        if "peer" in ours:
            peers[ours["peer"]] = ours["peer_metric"]
        missing = [name for name in PEER_NAMES.get(workload, ()) if name not in peers]
        words, met = target(workload, ours, peers)
        verdict = {None: "", True: "yes", False: "NO"}[met]
        value = f"{number(ours):.3g} {unit(ours)}"
        value += quality(ours)
        for name, peer in peers.items() or [("", None)]:
            shown, ratio = ("", "") if peer is None else (f"{name} {peer:.3g}", f"{number(ours) / peer:.3g}")
            shown += quality(by_name[name]) if name in by_name else ""
            yield workload, value, shown, ratio, words, verdict
        for name in missing:
            yield workload, value, f"{name}: not installed", "", words, verdict


def quality(line):
    """Accuracy beside speed, in words: a fast answer that is wrong is no answer."""
    accuracy = line.get("accuracy")
    if isinstance(accuracy, dict) and "critical_temperature" in accuracy:
        return f", {transition(accuracy)}"
    if isinstance(accuracy, dict):
        return f", energy deviates by {accuracy['energy_deviation']:.1g}"
    return "" if accuracy is None else f", accuracy {accuracy:.3f}"


def transition(accuracy):
    """T_c ± error and its deviation, in words."""
    value, error = accuracy["critical_temperature"], accuracy["error"]
    if value is None:
        return "no transition"
    deviation = accuracy.get("deviation_percent")
    text = f"T_c = {value:.4f}" + (f" ± {error:.4f}" if error else "")
    return text if deviation is None else f"{text} ({deviation:+.2f} %)"


def table(lines):
    """In columns."""
    cells = [("workload", "isinglass", "peer", "ratio", "target", "met"), *rows(lines)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one repeat of each, some workloads only")
    parser.add_argument("--busy", action="store_true", help="each once more, beside two processes that take the cores")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=BENCHMARKS)
    parser.add_argument("--out", type=pathlib.Path, help="write the JSON lines there as well")
    options = parser.parse_args()
    lines, beside, slow = [], [], []
    with open(options.out or os.devnull, "w", encoding="utf-8") as copy:

        def write(text):
            print(text, end="", flush=True)
            copy.write(text)

        write(json.dumps(machine()) + "\n")
        for benchmark in options.only:
            arguments = QUICK[benchmark] if options.quick else []
            lines += run(benchmark, arguments, write)
            if options.busy:
                with busy.spinning():
                    beside += run(benchmark, arguments, write)
        write(json.dumps(machine()) + "\n")
    print("\n" + table(lines))
    if options.busy:
        text, slow = busy.table(lines, beside, number)
        print("\nalone and beside two processes that take the cores\n" + text)
    failed = [line["workload"] for line in lines + beside if line["name"] == "failed"] + slow
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
