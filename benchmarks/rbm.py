# SPDX-License-Identifier: Apache-2.0
"""Restricted Boltzmann machines of 8 x 8 digits: training beside scikit-learn's BernoulliRBM, and ln Z by annealing.

python benchmarks/rbm.py: 16 hidden units, batches of 10 and of 100, the same learning rate and epochs, in turns; then
with as few epochs of ours as reach the likelihood of theirs
"""

import argparse
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits
from sklearn.neural_network import BernoulliRBM

from isinglass.sampling.objective import contrastive_divergence as cd
from isinglass.sampling.weight.annealed_partition import annealed_partition
from isinglass.systems import RestrictedBoltzmannMachine


def likelihood(machine: RestrictedBoltzmannMachine, x: np.ndarray) -> float:
    """Mean ln p, exactly."""
    return float(-jax.vmap(machine.free_energy)(jnp.asarray(x)).mean() - machine.log_partition())


def ours(seed: int, x: np.ndarray, given: argparse.Namespace, batch: int) -> tuple[float, RestrictedBoltzmannMachine]:
    """Seconds and the machine."""
    begun = time.perf_counter()
    machine = cd.untrained(jax.random.key(seed), x, given.hidden, "binary", "binary")
    how = cd.ContrastiveDivergence("persistent", 1, batch, given.rate, given.epochs)
    found = cd.train(jax.random.key(seed + 100), machine, x, how).machine
    return time.perf_counter() - begun, found


def theirs(seed: int, x: np.ndarray, given: argparse.Namespace, batch: int) -> tuple[float, RestrictedBoltzmannMachine]:
    """Seconds and the machine."""
    begun = time.perf_counter()
    found = BernoulliRBM(given.hidden, learning_rate=given.rate, batch_size=batch, n_iter=given.epochs,
                         random_state=seed).fit(x)  # fmt: skip
    seconds = time.perf_counter() - begun
    return seconds, RestrictedBoltzmannMachine(found.components_.T, found.intercept_visible_, found.intercept_hidden_)


def at_equal_likelihood(x: np.ndarray, held: np.ndarray, given: argparse.Namespace, batch: int, reached: float) -> str:
    """Epochs and seconds of ours, doubled from 5 until unseen images are as likely as `reached`."""
    epochs = 5
    while epochs <= given.epochs:
        few = argparse.Namespace(**vars(given) | {"epochs": epochs})
        ours(0, x, few, batch)
        rows = [ours(seed, x, few, batch) for seed in range(1, 1 + given.repeats)]
        found = np.mean([likelihood(machine, held) for _, machine in rows])
        if found >= reached:
            return f"{epochs} epochs, {np.median([seconds for seconds, _ in rows]):.3f} s, ln p {found:.2f}"
        epochs *= 2
    return "not reached"


def main() -> None:
    """Compiled, then in turns with other seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=int, default=16)
    parser.add_argument("--rate", type=float, default=0.05)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--batches", type=int, nargs="+", default=[10, 100])
    given = parser.parse_args()
    x = (load_digits().images > 8).reshape(-1, 64).astype(float)
    x = x[np.random.default_rng(0).permutation(len(x))]
    x, held = x[:1400], x[1400:]
    for batch in given.batches:
        first, machine = ours(0, x, given, batch)
        rows: list[Any] = [
            (*ours(k, x, given, batch), *theirs(k, x, given, batch)) for k in range(1, 1 + given.repeats)
        ]
        a, b = (np.array([row[k] for row in rows]) for k in (0, 2))
        at, bt = (np.mean([likelihood(row[k], held) for row in rows]) for k in (1, 3))
        print(f"batch {batch}, {given.epochs} epochs: isinglass {np.median(a):.2f} s ({first:.2f} s with compilation), "
              f"ln p of unseen images {at:.2f}; scikit-learn {np.median(b):.2f} s, {bt:.2f}; {np.median(b / a):.1f} "
              f"times as fast, {np.median(b) / first:.1f} with compilation", flush=True)  # fmt: skip
        print(f"at the likelihood of theirs: isinglass {at_equal_likelihood(x, held, given, batch, float(bt))}, "
              f"scikit-learn {np.median(b):.2f} s", flush=True)  # fmt: skip
        machine = rows[-1][1]
        for word in ("with compilation", "again"):
            begun = time.perf_counter()
            single = jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), machine)
            keys = jax.random.split(jax.random.key(len(word)))
            v = cd.sampled(keys[0], single, chains=500, shares=10, warmup=500, samples=1, thin=1)[0]
            found = annealed_partition(keys[1], machine, v).both
            print(f"ln Z by annealing {found}, exact {float(machine.log_partition()):.4f}; "
                  f"{time.perf_counter() - begun:.1f} s {word}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
