# SPDX-License-Identifier: Apache-2.0
"""Metropolis at T_c on the square lattice: spin-flip attempts per nanosecond, ours and two peers, alternating.

usage: metropolis.py [--repeats 3] [--bits 12] [--no-sizes]

Peers run in their own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/ising && .peers/ising/bin/pip install numba numpy
Each line is JSON.  `seconds` is the best of all repeats; attempts per CPU nanosecond, where the time of both cores is
counted, hardly depends on who else uses the machine.  Accuracy: energy against Kaufman (L = 32) and Onsager (L = 1024).
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.sampling.ensemble.color_table import color_table
from isinglass.sampling.ensemble.multispin import WIDE_VECTORS, Multispin

T_C = 2 / np.log(1 + np.sqrt(2))
HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
KAUFMAN_32 = {0: -1.95111657308, 10: -1.74556452703, 20: -1.10729166098, 30: -0.817309738934}  # T = 1.5, 2, 2.5, 3
ONSAGER_T3 = -0.8173095925
# name, L, temperatures, our sweeps, then for each peer (replicas, sweeps)
WORKLOADS = [
    ("L=1024 at T_c", 1024, (T_C, T_C, 1), 60, {"numba": (1, 60), "multispin": (64, 60)}),
    ("41 temperatures x L=32", 32, (1.5, 3.5, 41), 2000, {"numba": (32, 100), "multispin": (64, 2000)}),
]


def square(L):
    """Neighbor table and colors of the L x L torus."""
    i, j = np.divmod(np.arange(L * L), L)
    steps = [(1, 0), (0, 1), (-1, 0), (0, -1)]
    neighbors = np.stack([((i + a) % L) * L + (j + b) % L for a, b in steps], axis=1)
    return neighbors, np.stack([np.flatnonzero((i + j) % 2 == c) for c in (0, 1)])


class Ours:
    """32 replicas at each temperature, compiled once."""

    def __init__(self, L, temperatures, n_sweeps, bits):
        self.L, self.n_sweeps, self.sampler = L, n_sweeps, Multispin(bits)
        self.table = color_table(*square(L))
        self.beta = 1 / jnp.linspace(*temperatures)
        up = jnp.ones((len(self.beta), 32, L * L), jnp.int8)
        self.state = self.sampler.init(jax.random.key(1), up, self.table)
        step = jax.jit(self.sampler.step, static_argnums=3, donate_argnums=0, compiler_options=WIDE_VECTORS)
        began = time.perf_counter()
        self.program = step.lower(self.state, self.beta, self.table, n_sweeps).compile()
        self.compile_seconds = time.perf_counter() - began
        memory = self.program.memory_analysis()
        held = memory.argument_size_in_bytes + memory.output_size_in_bytes - memory.alias_size_in_bytes
        self.bits_per_spin = 8 * (held + memory.temp_size_in_bytes) / self.n_spins

    @property
    def n_spins(self):
        """Spins of all replicas and temperatures."""
        return 32 * len(self.beta) * self.L**2

    def run(self):
        """Seconds and CPU seconds of one call."""
        began, cpu = time.perf_counter(), time.process_time()
        self.state = jax.block_until_ready(self.program(self.state, self.beta, self.table))
        return time.perf_counter() - began, time.process_time() - cpu

    def energies(self):
        """Energy per site of every replica [T, 32]."""
        s = self.sampler.configurations(self.state, self.table).reshape(-1, 32, self.L, self.L)
        return np.asarray(-(s * (jnp.roll(s, 1, 2) + jnp.roll(s, 1, 3))).mean((2, 3)))

    def accuracy(self):
        """Largest deviation of the energy per site from the exact one, and its standard error."""
        rows, exact = list(KAUFMAN_32), list(KAUFMAN_32.values())
        if self.L != 32:
            self.beta, rows, exact = jnp.full_like(self.beta, 1 / 3), [0], [ONSAGER_T3]
        samples = []
        for _ in range(20):
            self.run()
            samples.append(self.energies()[rows])
        replicas = np.mean(samples[2:], axis=0)
        deviation, error = np.abs(replicas.mean(1) - exact), replicas.std(1, ddof=1) / np.sqrt(32)
        worst = np.argmax(deviation / error)
        return {"energy_deviation": float(deviation[worst]), "standard_error": float(error[worst])}

    def result(self, times):
        """Best of the repeats."""
        seconds, cpu = (min(column) for column in zip(*times, strict=True))
        attempts = self.n_spins * self.n_sweeps / 1e9
        metric = {"attempts_per_ns": attempts / seconds, "attempts_per_cpu_ns": attempts / cpu}
        metric["bits_per_spin"] = self.bits_per_spin
        return {"metric": metric, "seconds": seconds, "compile_seconds": self.compile_seconds}


def peer(name, L, temperatures, replicas, sweeps):
    """One run of a peer in its own process; None if it is not installed."""
    python = PEERS / "ising" / "bin" / "python"
    if not python.exists():
        return None
    argument = "{}:{}:{}".format(*temperatures)
    command = [python, HERE / "peers" / f"ising_{name}.py", *map(str, (L, argument, replicas, sweeps, os.cpu_count()))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"peer {name} failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout)


def best(runs):
    """The fastest of several runs of a peer, with its least CPU time."""
    result = min(runs, key=lambda run: run["seconds"])
    result["metric"]["attempts_per_cpu_ns"] = max(run["metric"]["attempts_per_cpu_ns"] for run in runs)
    return result


def compare(name, L, temperatures, n_sweeps, peers, options):
    """Ours and the peers in turn on one workload."""
    ours, times, found = Ours(L, temperatures, n_sweeps, options.bits), [], {peer_name: [] for peer_name in peers}
    ours.run()
    for _ in range(options.repeats):
        times += [ours.run() for _ in range(3)]
        for peer_name, (replicas, sweeps) in peers.items():
            found[peer_name] += filter(None, [peer(peer_name, L, temperatures, replicas, sweeps)])
    results = {"isinglass": ours.result(times)} | {k: best(v) for k, v in found.items() if v}
    results["isinglass"]["accuracy"] = ours.accuracy()
    for who, result in results.items():
        if L == 32 and "energy" in result:
            energy = result.pop("energy")
            result["accuracy"] = {"energy_deviation": max(abs(energy[k] - e) for k, e in KAUFMAN_32.items())}
        result.pop("energy", None)
        print(json.dumps({"name": who, "workload": name, **result}), flush=True)
    for who in results.keys() - {"isinglass"}:
        ratio = {
            key: results["isinglass"]["metric"][key] / results[who]["metric"][key]
            for key in ("attempts_per_ns", "attempts_per_cpu_ns")
        }
        print(json.dumps({"name": f"isinglass / {who}", "workload": name, "ratio": ratio}), flush=True)


def sizes(options):
    """Cost against size: 32 replicas of one lattice at T_c."""
    for L in (16, 32, 64, 128, 256, 512, 1024, 2048):
        ours = Ours(L, (T_C, T_C, 1), max(4, min(20000, 2**26 // L**2)), options.bits)
        ours.run()
        result = ours.result([ours.run() for _ in range(2 * options.repeats)])
        print(json.dumps({"name": "isinglass", "workload": f"32 replicas of L={L}", **result}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--bits", type=int, default=12, help="digits of the uniform number that replicas do not share")
    parser.add_argument("--no-sizes", action="store_true", help="leave out the cost against size")
    options = parser.parse_args()
    if not (PEERS / "ising" / "bin" / "python").exists():
        print(f"No peers in {PEERS}; to compare, run: python3 -m venv {PEERS}/ising && "
              f"{PEERS}/ising/bin/pip install numba numpy", file=sys.stderr)  # fmt: skip
    for workload in WORKLOADS:
        compare(*workload, options)
    if not options.no_sizes:
        sizes(options)


if __name__ == "__main__":
    main()
