# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A machine that dreams of magnets

Spins of a small magnet are seen, not its couplings.  A restricted Boltzmann machine learns their law, and the inverse
Ising problem gives the couplings back.
Ref: Hinton 2002, doi:10.1162/089976602760128018; Nguyen, Zecchina and Berg 2017, arXiv:1702.01522.
"""

# %%
from itertools import product

import numpy as np

from isinglass import approximate, infer
from isinglass.inference import SpinSamples

rng = np.random.default_rng(2)
N = 8
J = np.triu(0.4 * rng.normal(size=(N, N)), 1)
states = np.array(list(product((-1, 1), repeat=N)))
p = np.exp(((states @ J) * states).sum(axis=1))
p /= p.sum()
seen = states[rng.choice(len(states), 6000, p=p)]

# %% [markdown]
# With 8 hidden units ln Z is a sum of 256 terms, and the likelihood of rows that were held out is exact.

# %%
result = approximate(0, seen, method="rbm", hidden_units=8, epochs=100, symmetric=True, progress=False)
print(result)
entropy = -(p * np.log(p)).sum()
told = result.estimates["log_likelihood"]
print(f"ln p of unseen rows {told.value:.3f} ± {told.error:.3f}; of the true law {-entropy:.3f}")
assert abs(told.value + entropy) < 4 * (told.error or 0) + 0.02

# %% [markdown]
# Couplings in units of the temperature, with their errors.

# %%
found = infer(0, SpinSamples(seen))
print(found)
i, j = np.triu_indices(N, 1)
off = (found.arrays["coupling"].to_numpy()[i, j] - J[i, j]) / found.arrays["coupling_error"].to_numpy()[i, j]
print(
    f"deviation from the true couplings, in errors: rms {np.sqrt((off**2).mean()):.2f}, largest {np.abs(off).max():.1f}"
)
assert found.verdict == "pass"
assert np.abs(off).max() < 5
