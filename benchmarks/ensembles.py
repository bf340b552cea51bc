# SPDX-License-Identifier: Apache-2.0
"""Ensembles of small networks, all in one program, and a loop over the same networks in PyTorch.

usage: ensembles.py [--repeats 3] [--steps 2000] [--seeds 12]

Learning curves: one width, six numbers of rows; double descent: six widths, one number of rows; so many seeds of each.
The peer runs in its own environment, one folder per set of peers under $ISINGLASS_PEERS (default .peers):
    python3 -m venv .peers/sbi && .peers/sbi/bin/pip install torch numpy
Both start new processes and alternate; ours has no cache of compiled programs, and `seconds` counts its compilation,
`compile_seconds`, which is what the first of two runs takes longer. Networks, data, Adam and steps are the same, and so
are the losses, means over all networks with their errors by first weights.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
PEERS = pathlib.Path(os.environ.get("ISINGLASS_PEERS", HERE.parent / ".peers"))
D, MOST, TESTED, RATE, WIDEST, NOISE = 8, 128, 1024, 1e-2, 64, 0.2
CURVES = {"learning curve": [(n, 32) for n in (8, 16, 32, 48, 64, 128)],
          "double descent": [(64, width) for width in (2, 4, 8, 16, 32, 64)]}  # fmt: skip


def table(curve, seeds):
    """Rows of a noisy teacher of two hidden units; numbers of rows and widths of each network."""
    rng = np.random.default_rng(0)
    w = rng.normal(size=(D, 2))
    made = lambda n: rng.normal(size=(n, D)).astype(np.float32)  # noqa: E731
    x, x_test = made(MOST), made(TESTED)
    y, y_test = (np.tanh(a @ w).sum(axis=1) for a in (x, x_test))
    y = y + NOISE * rng.normal(size=MOST)
    rows, widths = np.repeat(np.array(CURVES[curve]), seeds, axis=0).T
    return {"x": x, "y": y.astype(np.float32), "x_test": x_test, "y_test": y_test.astype(np.float32), "rows": rows,
            "widths": widths, "rate": RATE}  # fmt: skip


def ours(path, steps):
    """One process: the ensemble twice, the second time compiled."""
    import equinox as eqx
    import jax
    import jax.numpy as jnp

    from isinglass.training.ensemble import fit_ensemble
    from isinglass.training.optimizer import Optimizer
    from isinglass.training.setting import Training

    class Network(eqx.Module):
        """v·tanh(W x + b) + c of `width` units; the others of the widest network are absent."""

        W: jax.Array
        b: jax.Array
        v: jax.Array
        c: jax.Array

        def __init__(self, key, width):
            keys = jax.random.split(key, 4)
            uniform = lambda k, shape, fan: jax.random.uniform(k, shape, jnp.float32, -1, 1) * fan**-0.5  # noqa: E731
            there = (jnp.arange(WIDEST) < width).astype(jnp.float32)
            fan = jnp.asarray(width, jnp.float32)
            self.W, self.b = uniform(keys[0], (WIDEST, D), D) * there[:, None], uniform(keys[1], (WIDEST,), D) * there
            self.v, self.c = uniform(keys[2], (WIDEST,), fan) * there, uniform(keys[3], (), fan)

        def __call__(self, x):
            return self.v @ jnp.tanh(self.W @ x + self.b) + self.c

    def loss(key, model, batch):
        x, y, w = batch  # a unit that is 0 has no gradient: v, W and b of it stay 0
        return jnp.sum(w * (jax.vmap(model)(x) - y) ** 2) / jnp.sum(w)

    data = np.load(path)
    rows, widths = data["rows"], jnp.asarray(data["widths"])
    keys, seconds, cpu = jax.random.split(jax.random.key(0), len(rows)), [], []
    weights = (np.arange(MOST) < rows[:, None]).astype(np.float32)
    settings = Training(Optimizer("adam", RATE), steps=steps, block=steps, batch_size=MOST)
    for _ in range(2):
        began, cpu_began = time.perf_counter(), time.process_time()
        trained = fit_ensemble(
            keys, Network, loss, (data["x"], data["y"]), own=widths, weights=weights, settings=settings
        )
        jax.block_until_ready(trained.model)
        seconds.append(time.perf_counter() - began)
        cpu.append(time.process_time() - cpu_began)
    predicted = lambda x: np.asarray(eqx.filter_vmap(lambda net: jax.vmap(net)(x))(trained.model))  # noqa: E731
    train = np.sum(weights * (predicted(data["x"]) - data["y"]) ** 2, axis=1) / rows
    test = np.mean((predicted(data["x_test"]) - data["y_test"]) ** 2, axis=1)
    return {"seconds": seconds[0], "cpu_seconds": cpu[0], "again_seconds": seconds[1],
            "losses": np.stack([train, test], axis=1).tolist()}  # fmt: skip


def process(command):
    """What a new process prints."""
    environment = {k: v for k, v in os.environ.items() if k != "JAX_COMPILATION_CACHE_DIR"}
    environment |= {"JAX_ENABLE_COMPILATION_CACHE": "false"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def compared(curve, options):
    """One line of JSON."""
    python, runs = PEERS / "sbi" / "bin" / "python", {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "data.npz"
        np.savez(path, **table(curve, options.seeds))
        for _ in range(options.repeats):
            runs["ours"].append(process([sys.executable, __file__, "--ours", str(path), "--steps", str(options.steps)]))
            if python.exists():
                peer = [str(python), str(HERE / "peers" / "ensemble_torch.py"), str(path), str(options.steps)]
                runs["peer"].append(process(peer))
    best = {name: min(each, key=lambda run: run["seconds"]) for name, each in runs.items() if each}
    line = {"name": "isinglass", "workload": f"{curve}, {6 * options.seeds} networks, {options.steps} steps"}
    line |= {"metric": 1 / best["ours"]["seconds"], "unit": "1/s", "seconds": best["ours"]["seconds"],
             "cpu_seconds": best["ours"]["cpu_seconds"],
             "compile_seconds": best["ours"]["seconds"] - best["ours"]["again_seconds"],
             "accuracy": agreed(best["ours"]["losses"])}  # fmt: skip
    if "peer" in best:
        line |= {"peer": "pytorch loop", "peer_metric": 1 / best["peer"]["seconds"],
                 "peer_seconds": best["peer"]["seconds"], "peer_cpu_seconds": best["peer"]["cpu_seconds"],
                 "peer_accuracy": agreed(best["peer"]["losses"]),
                 "ratio": best["peer"]["seconds"] / best["ours"]["seconds"],
                 "cpu_ratio": best["peer"]["cpu_seconds"] / best["ours"]["cpu_seconds"]}  # fmt: skip
    else:
        print(f"no PyTorch: python3 -m venv {PEERS}/sbi && {PEERS}/sbi/bin/pip install torch numpy", file=sys.stderr)
    print(json.dumps(line), flush=True)


def agreed(losses):
    """Mean test loss and its error over first weights, and the mean training loss."""
    each = np.array(losses).reshape(6, -1, 2)
    error = each.std(axis=1, ddof=1) / each.shape[1] ** 0.5
    mean, of = each.mean(axis=(0, 1)), np.sqrt(np.sum(error**2, axis=0)) / len(error)
    return {"test_loss": mean[1], "test_loss_error": of[1], "train_loss": mean[0], "train_loss_error": of[0]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--ours", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        print(json.dumps(ours(options.ours, options.steps)))
        return
    for curve in CURVES:
        compared(curve, options)


if __name__ == "__main__":
    main()
