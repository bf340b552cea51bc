# SPDX-License-Identifier: Apache-2.0
"""Retrieval from Hopfield networks: samples of random patterns, couplings and descents included, and their overlap.

python benchmarks/hopfield.py: 2000 neurons, 100 samples, at three loads
"""

import argparse
import time

import jax
import numpy as np

from isinglass.exact.learning.hopfield import retrieval_state
from isinglass.experiments.learning.hopfield_ensemble import retrieve


def main() -> None:
    """Compiled, then measured with other samples."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--neurons", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--loads", type=float, nargs="+", default=[0.05, 0.10, 0.13])
    parser.add_argument("--cues", type=int, default=1)
    given = parser.parse_args()
    N = given.neurons
    for alpha in given.loads:
        for word in ("with compilation", "again"):
            begun = time.perf_counter()
            keys = jax.random.split(jax.random.key(len(word)), given.samples)
            found = jax.block_until_ready(retrieve(keys, N, round(0.15 * N), round(alpha * N), 1.0, given.cues))
            seconds = time.perf_counter() - begun
            m = np.asarray(found.overlap).mean(axis=1)
            theory = retrieval_state(alpha)
            exact, flips = theory.m if theory else float("nan"), np.asarray(found.flips).mean()
            print(f"{N} neurons, {given.samples} samples, load {alpha:g}, {word}: {seconds:.1f} s, {flips:.0f} flips, "
                  f"overlap {m.mean():.5f} ± {m.std(ddof=1) / len(m) ** 0.5:.5f}, theory {exact:.5f}")  # fmt: skip


if __name__ == "__main__":
    main()
