# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Find a phase transition

Draw spin configurations of the square Ising model, forget everything but the configurations and their temperatures,
and ask where their law changes.  `infer` does not know that the model is Ising's, nor that there is a transition.
"""

# %%
import jax
import numpy as np

from isinglass import infer, sample
from isinglass.exact.lattice import onsager
from isinglass.systems import Ising

key_sample, key_infer = jax.random.split(jax.random.key(0))
data = sample(key_sample, Ising((16, 16)), np.linspace(1.7, 2.9, 21), samples=128)

# %% [markdown]
# A result prints as a table: estimates with standard errors, then the laws it was held against.

# %%
print(data)

# %%
result = infer(key_infer, data, preset="smoke", refine=False)  # quick: fewer networks, without the third reading
print(result)

# %% [markdown]
# One lattice of 16 x 16 spins locates the transition to a few percent; several sizes, as in `isinglass run
# ising-phases`, to a tenth of a percent.

# %%
found, exact = result.estimates["critical_temperature"], onsager.critical_temperature()
print(f"found {found}, Onsager {exact:.6f}")
assert abs(found.value - exact) < 0.05 * exact

# %% [markdown]
# `result.plot()` draws the figures, `result.save("folder")` writes them with a page.  The rows of `data.arrays` carry
# the number of their Markov chain: errors come from independent chains, never from single correlated draws.
