# SPDX-License-Identifier: Apache-2.0
"""Training a CNN of two 3x3x32 layers on 32 x 32 spins, batch 256, Adam: ours and PyTorch, alternating.

usage: cnn_training.py [--repeats 3] [--steps 48]

The peer runs in its own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/torch && .peers/torch/bin/pip install torch==2.13.0 numpy
Each line is JSON. `seconds` is the best of all repeats, compilation apart; images per CPU second, where the time of
both cores is counted, hardly depends on who else uses the machine. Accuracy: on 1024 images that were not trained on.
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

from isinglass.nets.classifier.periodic_cnn import PeriodicCNN
from isinglass.training.ensemble import outputs
from isinglass.training.fit import fit
from isinglass.training.loss import CrossEntropy
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
WORKLOAD, BATCH, L = "CNN 3x3x32 twice, 32 x 32, batch 256", 256, 32


def images(n, seed):
    """Label 0: random spins. Label 1: the same after one heat-bath update of every other spin at beta = 0.3."""
    rng = np.random.default_rng(seed)
    s = rng.choice([-1, 1], (n, L, L))
    field = sum(np.roll(s, step, axis) for step in (1, -1) for axis in (1, 2))
    warm = np.where(rng.random(s.shape) < 1 / (1 + np.exp(-0.6 * field)), 1, -1)
    odd = (np.indices((L, L)).sum(axis=0) % 2).astype(bool)
    label = rng.integers(0, 2, n).astype(np.int32)
    return np.where(label[:, None, None] & odd, warm, s).astype(np.int8), label


def ours(data, steps):
    """Seconds of a second run of the compiled program; what the first took longer is compilation."""
    key, seconds, cpu = jax.random.key(0), [], []
    settings = Training(Optimizer("adam", 1e-3), steps=steps, block=steps, batch_size=BATCH, chunk=8)
    for _ in range(2):
        began, cpu_began = time.perf_counter(), time.process_time()
        trained = fit(key, PeriodicCNN(key=key, out=2), CrossEntropy(), (data["x"], data["y"]), settings=settings)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - cpu_began)
    logits = outputs(trained.model, jnp.asarray(data["x_test"]))
    accuracy = float((np.argmax(logits, axis=1) == data["y_test"]).mean())
    compiled = max(0.0, seconds[0] - seconds[1])
    return {"seconds": seconds[1], "cpu_seconds": cpu[1], "compile_seconds": compiled, "accuracy": accuracy}


def torch(path, steps):
    """The peer in its own process, or None."""
    python = PEERS / "torch" / "bin" / "python"
    if not python.exists():
        print(
            f"no PyTorch: python3 -m venv {PEERS}/torch && {PEERS}/torch/bin/pip install torch==2.13.0 numpy",
            file=sys.stderr,
        )
        return None
    command = [python, HERE / "peers" / "cnn_torch.py", path, str(steps), str(BATCH)]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, default=48)
    options = parser.parse_args()
    (x, y), (x_test, y_test) = images(4096, 0), images(1024, 1)
    data = {"x": x, "y": y, "x_test": x_test, "y_test": y_test}
    runs = {"isinglass": [], "pytorch": []}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "data.npz"
        np.savez(path, **data)
        for _ in range(options.repeats):
            runs["isinglass"].append(ours(data, options.steps))
            runs["pytorch"].append(torch(path, options.steps))
    best = {}
    for name, results in runs.items():
        results = [result for result in results if result is not None]
        if not results:
            continue
        line = min(results, key=lambda result: result["seconds"])
        cpu = min(result["cpu_seconds"] for result in results)
        compiled = max(result["compile_seconds"] for result in results)  # later ones find the compiled program
        n = options.steps * BATCH
        best[name] = (n / line["seconds"], n / cpu)
        line = line | {"cpu_seconds": cpu, "compile_seconds": compiled, "images_per_cpu_second": n / cpu}
        print(
            json.dumps({"name": name, "workload": WORKLOAD, "metric": n / line["seconds"], "unit": "images/s"} | line)
        )
    if len(best) == 2:
        by_clock, by_cpu = (a / b for a, b in zip(best["isinglass"], best["pytorch"], strict=True))
        print(json.dumps({"name": "ratio", "workload": WORKLOAD, "metric": by_clock, "by_cpu_time": by_cpu}))


if __name__ == "__main__":
    main()
