# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# The temperature of one configuration

Pairs of temperatures and Ising configurations by `sample`, the posterior of T by `infer`, and beside it what is exactly
known: the energy is sufficient, and the partition function of the torus is Kaufman's.
"""

# %%
import jax
import numpy as np
from numpyro import distributions as dist

from isinglass import infer, sample
from isinglass.exact.lattice.temperature_posterior import temperature_information, temperature_posterior
from isinglass.inference.posterior import Simulations
from isinglass.sampling import PackedTemperatures
from isinglass.systems import Ising

L, low, high = 8, 1.5, 3.3
rng = np.random.default_rng(0)
T = low + (high - low) * (np.arange(4000) + rng.random(4000)) / 4000  # spread over the prior


def summaries(key, temperature):
    """E/N and |m| of one configuration of a chain of its own at each temperature."""
    method = PackedTemperatures(Ising((L, L)), len(temperature))
    run = sample(key, Ising((L, L)), temperature, method=method, samples=1, chains=1, effective_samples=None)
    return np.stack([run.arrays["energy"] / L**2, np.abs(run.arrays["order_parameter"])], axis=1)


x = summaries(jax.random.key(1), T)
seen = summaries(jax.random.key(2), np.array([2.0]))

# %%
prior = {"temperature": dist.Uniform(low, high)}
simulations = Simulations(T[:, None], x, ("temperature",))
result = infer(0, simulations, prior=prior, observation=seen[0], steps=1000, width=32, bins=6)
print(result)

# %% [markdown]
# The exact posterior for the same energy, and the bound of Fisher information.

# %%
mean, width = temperature_posterior(seen[:, 0] * L**2, low, high, L)
found = result.estimates["temperature"]
bound = temperature_information(2.0, L) ** -0.5
print(f"exact: {mean[0]:.3f} ± {width[0]:.3f}; learned: {found}; bound at T = 2: {bound:.3f}")
assert found.error is not None
assert abs(found.value - mean[0]) < 0.5 * width[0]
assert 0.75 < found.error / width[0] < 1.4
