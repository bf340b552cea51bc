# SPDX-License-Identifier: Apache-2.0
"""Small transformers on sources of known entropy: how far above the entropy rate, and in what time, training included.

python benchmarks/entropy_floor.py: target 0.5 %
"""

import argparse
import time

import jax

from isinglass.experiments.sequence.entropy_floor import known_sources
from isinglass.experiments.sequence.predictor import measured, trained_transformer


def main() -> None:
    """Each source, with compilation and again."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    for name, known in known_sources(16).items():
        for seed in range(given.seeds):
            begun = time.perf_counter()
            model = trained_transformer(jax.random.key(seed), known.source, 16, width=16, layers=1, steps=given.steps,
                                        batch=64).model  # fmt: skip
            seconds = time.perf_counter() - begun
            x = known.source.samples(jax.random.key(1000 + seed), 8000, 16)
            excess, rate = measured(model, known.source, x).excess(8), known.rate.value
            share, error = 100 * excess.value / rate, 100 * (excess.error or 0.0) / rate
            print(f"{name}, seed {seed}: {seconds:.1f} s, {share:.3f} ± {error:.3f} % above {rate:.5f} nat")


if __name__ == "__main__":
    main()
