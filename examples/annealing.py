# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Simulated annealing of a spin glass

Cool slowly, and the system finds its ground state; cool fast, and it freezes in a valley.  A ±J glass on a torus of
8 x 8 has an exact ground state to be held against, by a transfer matrix in (min, +) algebra.
Ref: Kirkpatrick, Gelatt and Vecchi 1983, doi:10.1126/science.220.4598.671.
"""

# %%
import jax
import numpy as np

from isinglass import sample
from isinglass.exact.lattice.spin_glass import torus_ground_energy
from isinglass.sampling.ensemble.annealing import Geometric
from isinglass.systems import edwards_anderson

glass = edwards_anderson(jax.random.key(1), (8, 8))
down, right = np.asarray(glass.J).reshape(2, 8, 8)  # bonds are listed all down, then all right
ground = torus_ground_energy(down, right)

# %%
print(f"exact ground state: {ground:.0f}")
shares = []
for sweeps in (10, 100, 1000):
    found = sample(2, glass, method=Geometric(hot=3.0, cold=0.1), sweeps=sweeps, runs=64)
    best = found.arrays["energy"].to_numpy()
    shares.append(np.mean(best == ground))
    print(
        f"{sweeps:5d} sweeps: lowest {best.min():.0f}, mean {best.mean():.2f}, exact {ground:.0f}, hit {shares[-1]:.0%}"
    )
    assert best.min() >= ground

assert shares[0] < shares[-1]
