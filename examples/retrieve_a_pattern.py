# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Memory as a minimum of energy

Letters are stored in the couplings of a glass, and a damaged letter falls into the minimum next to it.  With more than
0.138 random patterns a neuron the network forgets everything; a steeper energy holds more.
Ref: Hopfield 1982, doi:10.1073/pnas.79.8.2554; Krotov and Hopfield 2016, arXiv:1606.01164.
"""

# %%
import numpy as np

from isinglass import infer
from isinglass.exact.learning.hopfield import capacity, retrieval_state
from isinglass.systems import DenseMemory, HopfieldNetwork

DRAWN = {"T": "####### ...#... ...#... ...#... ...#... ...#... ...#...",
         "H": "#.....# #.....# #.....# ####### #.....# #.....# #.....#",
         "C": ".###### #...... #...... #...... #...... #...... .######",
         "X": "#.....# .#...#. ..#.#.. ...#... ..#.#.. .#...#. #.....#"}  # fmt: skip
letters = np.array([[[1 if c == "#" else -1 for c in row] for row in word.split()] for word in DRAWN.values()])

# %% [markdown]
# A tenth of the pixels of an H is flipped.  The pseudo-inverse takes out that letters are alike.

# %%
damaged = letters[1] * np.where(np.random.default_rng(1).random((7, 7)) < 0.1, -1, 1)
result = infer(0, HopfieldNetwork(letters, rule="pseudo-inverse"), observation=damaged)
print(result)
for row in result.arrays["retrieved"].to_numpy():
    print("".join("#" if s > 0 else "." for s in row))
assert list(DRAWN)[int(result.estimates["pattern"].value)] == "H"
assert (result.arrays["retrieved"].to_numpy() == letters[1]).all()

# %% [markdown]
# Random patterns, 200 neurons.  By theory Hebb's rule holds 27 of them; 60 are too many, though not for x^3.

# %%
top, theory = capacity(), retrieval_state(0.1)
assert top is not None
assert theory is not None
print(f"capacity {top.alpha:.4f}; overlap {theory.m:.4f} at load 0.1")
patterns = np.random.default_rng(2).choice([-1, 1], (60, 200))
cue = patterns[0] * np.where(np.random.default_rng(3).random(200) < 0.1, -1, 1)
memories = {"20 by Hebb": HopfieldNetwork(patterns[:20]), "60 by Hebb": HopfieldNetwork(patterns),
            "60 dense": DenseMemory(patterns, power=3)}  # fmt: skip
for name, memory in memories.items():
    found = infer(0, memory, observation=cue)
    print(f"{name}: overlap {found.estimates['overlap'].value:.3f}, {found.verdict}")
    assert found.verdict == ("unknown" if name == "60 by Hebb" else "pass")
