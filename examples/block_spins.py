# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Exponents from block spins

Four spins become one by majority.  Above the transition this disorders a lattice, below it orders it, and how fast it
leaves the transition is the exponent.  First the chain, where every second spin can be summed over on paper.
Ref: Swendsen 1979, doi:10.1103/PhysRevLett.42.859.
"""

# %%
import math

import numpy as np

from isinglass import infer, sample
from isinglass.exact.lattice.decimation import chain_log_partition, decimated
from isinglass.systems import Ising

K = 1.0
for step in range(4):
    print(f"after {step} decimations K = {K:.4f}, correlation length {-1 / math.log(math.tanh(K)):.3f}")
    K = decimated(K)
assert math.isclose(chain_log_partition(1.0), math.log(2 * math.cosh(1.0)))

# %% [markdown]
# In the plane the couplings multiply; their flow is seen in samples of two sizes.

# %%
T = np.linspace(2.1, 2.44, 9)
plan = {"method": "metropolis", "samples": 2048, "chains": 64, "effective_samples": None, "progress": False}
sizes = {16: sample(0, Ising((16, 16)), T, thin=5, warmup=400, **plan),
         8: sample(1, Ising((8, 8)), T, thin=2, warmup=200, **plan)}  # fmt: skip
result = infer(0, sizes, method="renormalization", progress=False)
print(result)
for name, exact in (("critical_temperature", 2.269185), ("thermal_exponent", 1.0), ("magnetic_exponent", 1.875)):
    found = result.estimates[name]
    print(f"{name}: {found}, exact {exact}")
    assert abs(found.value - exact) < 4 * found.error
