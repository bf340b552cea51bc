# SPDX-License-Identifier: Apache-2.0
"""HMC of the phi^4 field: effective samples of the magnetization a second, ours, then BlackJAX's.

usage: hmc.py [--repeats 3] [--only 16:0.2 16:0.27 32:0.27]

The peer runs in its own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/jaxmc && .peers/jaxmc/bin/pip install blackjax==1.7.1 jax==0.10.2
Each line is JSON.  `seconds` is the best of all repeats, without compilation, warm-up and adaptation, which are in
`compile_seconds`.  Both sides adapt themselves; the peer has 4 chains (its published workload) and 128 (ours), 10 and
30 leapfrog steps, of which the best combination counts.  Effective samples of m by one estimator for both, at most as
many as there are draws.  Equal accuracy: <m^2> of both sides, their difference in standard errors.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")

import jax
import jax.numpy as jnp
import numpy as np

from isinglass.sampling import HMC
from isinglass.sampling.ensemble.driver import SamplingPlan, draw
from isinglass.sampling.ensemble.start import starts
from isinglass.stats.convergence import multichain_ess, split_chains
from isinglass.systems import at_temperatures, phi4_hopping

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
LAM, CHAINS, DRAWS = 0.5, 128, 1000
TARGET = "2 x BlackJAX"
PEER_RUNS = [(4, 2000, "hmc", 10), (4, 2000, "hmc", 30), (128, 200, "hmc", 10), (128, 200, "hmc", 30),
             (4, 1000, "nuts", 0)]  # fmt: skip


def field(L, kappa):
    return phi4_hopping((L, L), kappa=kappa, lam=LAM)


def sampled(L, kappa, ensemble, plan, seed):
    """Seconds of the measurements, of everything, and the draws."""
    began = time.perf_counter()
    x = starts(jax.random.key(seed), field(L, kappa), 1, plan.chains, "random")
    d = draw(jax.random.key(seed + 1), ensemble, at_temperatures(field(L, kappa), np.array([1.0])), x, plan)
    return d.seconds, time.perf_counter() - began, d


def ess(m):
    """Of split chains, at most the number of draws; the law of m is symmetric and nearly normal."""
    return min(float(jax.jit(lambda m: multichain_ess(split_chains(m)))(jnp.asarray(m))), m.size)


def mean_and_error(values):
    """Of [chains, draws], from the scatter of the chains where there are many, else from the effective samples."""
    if len(values) >= 32:
        means = values.mean(1)
        return float(means.mean()), float(means.std(ddof=1) / len(means) ** 0.5)
    return float(values.mean()), float(values.std() / ess(values) ** 0.5)


def ours(L, kappa, seed):
    """One run of our HMC: seconds, seconds of everything before, m of every draw of every chain."""
    plan = SamplingPlan(samples=CHAINS * DRAWS, chains=CHAINS, thin=1, warmup=500, configurations=False)
    seconds, total, d = sampled(L, kappa, HMC(), plan, seed)
    return {"seconds": seconds, "compile_seconds": total - seconds, "m": np.asarray(d.order[0])}


def peer(L, kappa, chains, draws, algorithm, steps):
    """One run of BlackJAX; None if it is not installed."""
    python = PEERS / "jaxmc" / "bin" / "python"
    if not python.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "out.npz"
        arguments = [L, kappa, LAM, chains, draws, algorithm, steps, out]
        done = subprocess.run([python, HERE / "peers" / "hmc_blackjax.py", *map(str, arguments)],
                              capture_output=True, text=True, check=False)  # fmt: skip
        if done.returncode:
            print(f"BlackJAX failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
            return None
        with np.load(out) as arrays:
            return json.loads(done.stdout) | dict(arrays)


def compare(L, kappa, repeats):
    """One line: the quickest of our runs and the best of the peer's."""
    own = [ours(L, kappa, seed) for seed in range(repeats)]
    others = [(run, peer(L, kappa, *run)) for run in PEER_RUNS]
    rate = lambda run: ess(run["m"]) / run["seconds"]  # noqa: E731
    best = max(own, key=rate)
    line = {
        "name": "isinglass",
        "workload": f"hmc phi4 L={L} kappa={kappa} lambda={LAM}",
        "metric": rate(best),
        "unit": "effective m/s",
        "seconds": best["seconds"],
        "compile_seconds": best["compile_seconds"],
        "target": TARGET,
    }
    others = [(run, found) for run, found in others if found is not None]
    if others:
        (chains, _, algorithm, steps), top = max(others, key=lambda one: rate(one[1]))
        (value, error), (its_value, its_error) = mean_and_error(best["m"] ** 2), mean_and_error(top["m"] ** 2)
        line |= {
            "peer": f"blackjax {algorithm} {chains} chains {steps} steps",
            "peer_metric": rate(top),
            "m2": [value, error],
            "peer_m2": [its_value, its_error],
            "deviation": (value - its_value) / float(np.hypot(error, its_error)),
            "peer_all": {" ".join(map(str, run)): rate(found) for run, found in others},
            "met": rate(best) >= 2 * rate(top),
        }
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=["16:0.2", "16:0.27", "32:0.27"])
    options = parser.parse_args()
    for word in options.only:
        L, kappa = word.split(":")
        print(json.dumps(compare(int(L), float(kappa), options.repeats)), flush=True)


if __name__ == "__main__":
    main()
