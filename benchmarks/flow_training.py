# SPDX-License-Identifier: Apache-2.0
"""Training a flow for the phi^4 field, L = 8, kappa = 0.2, lambda = 0.5, from its action: ours and normflows.

usage: flow_training.py [--repeats 3] [--steps 100] [--limit 300]

Two workloads.  A step of the same RealNVP (16 affine couplings on a checkerboard, s and t each a perceptron with hidden
layers 128, 128, batch 512, Adam): steps per second, the best of all repeats.  And the time until half of the draws are
effective, compilation included, each library with what it has: ours with local spline couplings and a free-field layer,
the peer with RealNVP, for which the limit (in seconds) is written where it is not reached.  Accuracy: ESS / n of 8192
fresh draws.  The peer runs in an environment of its own (`make peers`), in turn with ours.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import time

os.environ.setdefault("JAX_ENABLE_X64", "1")
os.environ["JAX_ENABLE_COMPILATION_CACHE"] = "false"  # compilation is part of what is measured

import jax
import jax.numpy as jnp

from isinglass.nets.flow.act_norm import natural_scale
from isinglass.nets.flow.affine_coupling import real_nvp
from isinglass.nets.flow.spline_coupling import spline_flow
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.weight.importance import ess_fraction, importance_sample
from isinglass.systems.field.phi4 import phi4_hopping
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
STEP, HALF = "RealNVP step, phi^4 L=8, batch 512", "phi^4 L=8, training to ESS 50 %"
SYSTEM, SHAPE = phi4_hopping((8, 8), kappa=0.2, lam=0.5), (8, 8)
BLOCK = 25


def share(flow):
    """ESS / n of 8192 fresh draws."""
    return ess_fraction(importance_sample(jax.random.key(2), flow, SYSTEM, 8192)).value


def step(steps):
    """Seconds a step of RealNVP, best block, and what the first block took longer."""
    times = []
    settings = Training(Optimizer("adam", 1e-3), steps=steps, block=BLOCK)
    flow = jax.jit(lambda key: real_nvp(key, SHAPE, couplings=16, hidden=(128, 128), z2=False))(jax.random.key(0))
    begun = time.perf_counter()
    trained = fit(
        jax.random.key(1), flow, ReverseKL(SYSTEM, 512), None, settings=settings,
        progress=lambda record: times.append(time.perf_counter()),
    )  # fmt: skip
    blocks = [b - a for a, b in zip(times, times[1:], strict=False)]
    compiling = times[0] - begun - min(blocks)
    return {"seconds": min(blocks) / BLOCK, "compile_seconds": compiling, "accuracy": share(trained.model)}


def half():
    """Seconds from nothing to a flow of which half of the draws are effective: recipes of more and more steps."""
    for steps in (100, 150, 200, 400, 800):
        jax.clear_caches()
        begun = time.perf_counter()
        z = jax.random.normal(jax.random.key(3), (256, *SHAPE), jnp.float32)
        flow = spline_flow(jax.random.key(0), SHAPE, couplings=2, bins=4, scale=natural_scale(SYSTEM.log_weight, z))
        settings = Training(Optimizer("adam", 1e-2, schedule="cosine"), steps=steps, block=steps)
        trained = fit(jax.random.key(1), flow, ReverseKL(SYSTEM, 256, path=True), None, settings=settings)
        seconds, accuracy = time.perf_counter() - begun, share(trained.model)
        if accuracy >= 0.5:
            return {"seconds": seconds, "steps": steps, "accuracy": accuracy}
    return {"seconds": float("inf"), "steps": steps, "accuracy": accuracy}


def peer(steps, limit):
    """The peer in its own process, or None."""
    python = PEERS / "torchphys" / "bin" / "python"
    if not python.exists():
        print(f"no normflows: python3 -m venv {PEERS}/torchphys && {PEERS}/torchphys/bin/pip install torch normflows",
              file=sys.stderr)  # fmt: skip
        return None
    command = [python, HERE / "peers" / "normflows_phi4.py", str(steps), str(limit)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def write(name, workload, metric, unit, **line):
    """One line of JSON."""
    print(json.dumps({"name": name, "workload": workload, "metric": metric, "unit": unit} | line), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--limit", type=float, default=300.0)
    options = parser.parse_args()
    ours, theirs, halves = [], [], []
    for repeat in range(options.repeats):
        ours.append(step(options.steps))
        halves.append(half())
        theirs.append(peer(options.steps, options.limit if repeat == 0 else 0.0))
    best = lambda lines: min(lines, key=lambda line: line["seconds"])  # noqa: E731
    quick, short = best(ours), best(halves)
    known = [line for line in theirs if line is not None]
    speed = best(known)["seconds"] / quick["seconds"] if known else None
    waited = (known[0]["seconds_to_half"] or known[0]["trained_seconds"]) if known else None
    write("isinglass", STEP, 1 / quick["seconds"], "steps/s", **quick, target="1.5 x normflows",
          met=None if speed is None else speed >= 1.5)  # fmt: skip
    if known:
        slow = best(known)
        write("normflows", STEP, 1 / slow["seconds"], "steps/s", seconds=slow["seconds"], accuracy=slow["accuracy"])
    write("isinglass", HALF, short["seconds"], "s", **short, target="a fifth of normflows' time",
          met=None if waited is None else 5 * short["seconds"] <= waited)  # fmt: skip
    if known:
        first = known[0]
        write("normflows", HALF, waited, "s", seconds=waited, accuracy=first["accuracy"], steps=first["steps"],
              reached=first["seconds_to_half"] is not None)  # fmt: skip


if __name__ == "__main__":
    main()
