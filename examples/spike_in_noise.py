# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A spike in noise: which principal components are signal

A matrix of noise has principal components too. Beyond the edge of Marchenko and Pastur there are none of noise.
Ref: Baik, Ben Arous and Péché 2005, arXiv:math/0403022; Montanari and Venkataramanan 2021, arXiv:1711.01682.
"""

# %%
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import infer
from isinglass.exact.learning.random_matrix import wigner_spike
from isinglass.exact.learning.scalar_prior import SparseSigns
from isinglass.exact.learning.spiked_matrix import SpikedWigner, message_passing_overlap
from isinglass.inference.message_passing.low_rank import SpikePassing, top_eigenpair
from isinglass.inference.spectrum import DataMatrix

# %% [markdown]
# 300 measurements of 100 quantities, with one direction of larger variance. The verb finds it, its strength 4, and how
# near the component is to it; of noise with a memory it says that the edge does not hold.

# %%
rng = np.random.default_rng(0)
v = rng.normal(size=100)
v /= np.linalg.norm(v)
noise = rng.normal(size=(300, 100))
result = infer(0, DataMatrix(noise + 2.0 * rng.normal(size=(300, 1)) * v))
print(result)
cosine2 = float((result.arrays["direction"].to_numpy()[0] @ v) ** 2)
print(f"squared cosine with the true direction: {cosine2:.3f}")
assert result.verdict == "pass"
assert result.estimates["spikes"].value == 1
assert abs(cosine2 - result.estimates["squared_overlap/1"].value) < 0.1
assert infer(0, DataMatrix(np.cumsum(noise, axis=0))).verdict == "unknown"

# %% [markdown]
# A symmetric matrix whose spike has few entries that are not 0. Message passing knows that, the top eigenvector not.

# %%
N, strength, prior = 1000, 1.5, SparseSigns(0.1)
key_x, key_W, key_v = jax.random.split(jax.random.key(1), 3)
x = prior.samples(key_x, N)
W = jax.random.normal(key_W, (N, N))
Y = strength / N * jnp.outer(x, x) + (W + W.T) / jnp.sqrt(2 * N)
passing = SpikePassing(prior, strength)
state = passing.init(top_eigenpair(key_v, Y)[1])
for step in range(12):
    overlap2 = float((state.m @ x) ** 2 / ((state.m @ state.m) * (x @ x)))
    if step in (0, 11):
        print(f"step {step}: squared overlap {overlap2:.3f}")
    state = passing.step(state, Y)
theory = wigner_spike(strength).overlap2, message_passing_overlap(SpikedWigner(prior, strength))
print(f"theory, N -> ∞: {theory[0]:.3f} and {theory[1]:.3f}")
assert abs(overlap2 - theory[1]) < 0.08
