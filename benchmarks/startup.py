# SPDX-License-Identifier: Apache-2.0
"""Start-up: `import isinglass` beside `import jax` alone (at most 0.3 s more), `isinglass --help` (at most 1.5 s).

usage: startup.py [--repeats 5]

Whole processes, alternating.  Each line is JSON: `seconds` is the median, `least` the minimum, which others on the
machine disturb least.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time

COMMANDS = {
    "import jax": ["-c", "import jax"],
    "import isinglass": ["-c", "import isinglass"],
    "import isinglass and a verb": ["-c", "from isinglass import sample"],
    "isinglass --help": ["-m", "isinglass.cli", "--help"],
    "isinglass list": ["-m", "isinglass.cli", "list"],
}
PEERS = {"import isinglass": "import jax", "import isinglass and a verb": "import jax"}
TARGETS = {"import isinglass": "peer + 0.3 s", "isinglass --help": "1.5 s"}


def seconds(arguments):
    """Wall time of one process."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    for arguments in COMMANDS.values():
        seconds(arguments)  # files into the cache of the operating system
    times = {name: [] for name in COMMANDS}
    for _ in range(options.repeats):
        for name, arguments in COMMANDS.items():
            times[name].append(seconds(arguments))
    medians = {name: statistics.median(found) for name, found in times.items()}
    for name, median in medians.items():
        line = {"name": "jax" if name == "import jax" else "isinglass", "workload": name, "metric": median, "unit": "s"}
        line |= {"seconds": median, "least": min(times[name]), "compile_seconds": 0.0, "accuracy": None}
        if name in PEERS:
            peer = PEERS[name]
            line |= {"peer": peer, "peer_metric": medians[peer], "difference": median - medians[peer]}
            line["least_difference"] = min(times[name]) - min(times[peer])
        if name == "import isinglass":
            line |= {"target": TARGETS[name], "met": line["difference"] <= 0.3}
        if name == "isinglass --help":
            line |= {"target": TARGETS[name], "met": median <= 1.5}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
