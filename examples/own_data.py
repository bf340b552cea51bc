# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Data of your own

Configurations from any program: here twenty lines of NumPy that know nothing of isinglass.  Stored as `.npz`, HDF5 or
netCDF (or one of many other layouts, docs/files.md) with one number for each, they can be searched for a transition; on
the command line, `isinglass phases couplings.npz`.
"""

# %%
import tempfile
from pathlib import Path

import jax
import numpy as np

from isinglass import infer
from isinglass.data.files import read
from isinglass.errors import InputError

rng = np.random.default_rng(0)


def heat_bath(K, chains=32, L=12, sweeps=400, draws=4):
    """Ising spins 0 or 1 at coupling K = J/T: P(s_i = 1 | rest) = 1 / (1 + exp(-2 K h_i)), checkerboard by color."""
    s = np.where(rng.random((chains, 1, 1)) < 0.5, 1, -1) * np.ones((chains, L, L), int)
    white = np.indices((L, L)).sum(axis=0) % 2 == 0
    kept = []
    for sweep in range(1, sweeps + 1):
        for color in (white, ~white):
            h = sum(np.roll(s, shift, axis) for shift in (1, -1) for axis in (1, 2))
            s = np.where(color, np.where(rng.random(s.shape) < 1 / (1 + np.exp(-2 * K * h)), 1, -1), s)
        if sweep > sweeps // 2 and sweep % (sweeps // 2 // draws) == 0:
            kept.append((s + 1) // 2)
    return np.concatenate(kept).astype(np.uint8)


# %% [markdown]
# The control parameter need not be a temperature.  Number the chains if you can: errors are then right.

# %%
couplings = np.linspace(0.32, 0.58, 14)
x = np.concatenate([heat_bath(K) for K in couplings])
n = len(x) // len(couplings)
file = Path(tempfile.mkdtemp()) / "couplings.npz"
np.savez_compressed(
    file, configurations=x, coupling=np.repeat(couplings, n), chain=np.tile(np.arange(n) % 32, len(couplings))
)

# %%
data = read(file)
print(data.source)  # how the file was read, in one line
result = infer(jax.random.key(0), data, preset="smoke", refine=False)  # quick: two readings of three
print(result)
found, exact = result.estimates["critical_coupling"], np.log1p(np.sqrt(2)) / 2
print(f"K_c = {found}, exact {exact:.6f}")
assert abs(found.value - exact) < 0.05 * exact

# %% [markdown]
# What cannot be known is asked, in one line: what was expected, what was found, how to say it.

# %%
np.savez_compressed(file.with_name("rows.npz"), configurations=x.reshape(len(x), -1), T=np.repeat(1 / couplings, n))
try:
    read(file.with_name("rows.npz"))
except InputError as question:
    print(question)
print(read(file.with_name("rows.npz"), shape="12 12").source)
