# SPDX-License-Identifier: Apache-2.0
"""HMC of the phi^4 field: effective samples of the magnetization a second, ours and BlackJAX's, alternating.

usage: hmc.py [--repeats 3] [--only 16:0.2 16:0.27 32:0.27] [--reference]

The peer runs in its own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/jaxmc && .peers/jaxmc/bin/pip install blackjax==1.7.1 jax==0.10.2
Each line is JSON.  `seconds` is the best of all repeats, without compilation, warm-up and adaptation, which are in
`compile_seconds`.  Both sides adapt themselves; the peer has 4 chains (its published workload) and 128 (ours), 10 and
30 leapfrog steps, of which the best combination counts.  Effective samples of m by one estimator for both, at most as
many as there are draws.  Accuracy: <m^2> and <φ^2> against local Metropolis with sign clusters, in standard errors.
"""

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
from isinglass.sampling.driver import Plan, draw
from isinglass.sampling.start import starts
from isinglass.stats.convergence import multichain_ess, split_chains
from isinglass.systems import at_temperatures, phi4_hopping

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
LAM, CHAINS, DRAWS = 0.5, 128, 1000
TARGET = "2 x BlackJAX"
PEER_RUNS = [(4, 2000, "hmc", 10), (4, 2000, "hmc", 30), (128, 200, "hmc", 10), (128, 200, "hmc", 30),
             (4, 1000, "nuts", 0)]  # fmt: skip
# <m^2>, its error, <φ^2>, its error, from --reference
REFERENCE = {}


def field(L, kappa):
    return phi4_hopping((L, L), kappa=kappa, lam=LAM)


def sampled(L, kappa, ensemble, plan, seed):
    """Seconds of the measurements, of everything, and the draws."""
    began = time.perf_counter()
    x = starts(jax.random.key(seed), field(L, kappa), 1, plan.chains, "random")
    d = draw(jax.random.key(seed + 1), ensemble, at_temperatures(field(L, kappa), np.array([1.0])), x, plan)
    return d.seconds, time.perf_counter() - began, d


def phi_squared(L, kappa, E, x):
    """Unused configurations are not kept: <φ^2> from those that are."""
    return (x.astype(float) ** 2).mean((2, 3))


def ess(m):
    """Of split chains, at most the number of draws; the law of m is symmetric and nearly normal."""
    return min(float(jax.jit(lambda m: multichain_ess(split_chains(m)))(jnp.asarray(m))), m.size)


def mean_and_error(values):
    """Of [chains, draws], from the scatter of the chains where there are many, else from the effective samples."""
    if len(values) >= 32:
        means = values.mean(1)
        return float(means.mean()), float(means.std(ddof=1) / len(means) ** 0.5)
    return float(values.mean()), float(values.std() / ess(values) ** 0.5)


def accuracy(name, m, phi2):
    """Deviation from the reference in standard errors of both."""
    found = {"m2": mean_and_error(m**2), "phi2": mean_and_error(phi2)}
    lines = {}
    for (observable, (value, error)), i in zip(found.items(), (0, 2), strict=True):
        expected, its_error = REFERENCE[name][i : i + 2]
        lines |= {observable: value, f"{observable}_error": error,
                  f"{observable}_z": (value - expected) / np.hypot(error, its_error)}  # fmt: skip
    return lines


def ours(name, L, kappa, seed):
    """One run of our HMC: kept configurations give <φ^2>."""
    plan = Plan(samples=CHAINS * 50, chains=CHAINS, thin=1, warmup=500)
    plan = Plan(samples=CHAINS * DRAWS, chains=CHAINS, thin=1, warmup=500, configurations=False)
    seconds, total, d = sampled(L, kappa, HMC(), plan, seed)
    return seconds, total - seconds, d


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
