# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Parameters of a simulator, with the evidence that the posterior is calibrated

A damped oscillator is read at 20 times with noise.  Nothing is told but how to simulate it and what its frequency and
damping may be; here the likelihood is known as well, so that the posterior can be held against the one on a grid.
"""

# %%
import jax
import jax.numpy as jnp
import numpy as np
from numpyro import distributions as dist

from isinglass import infer

times, noise = jnp.linspace(0.0, 5.0, 20), 0.1


def oscillation(theta):
    """exp(-γ t) cos(ω t)."""
    omega, gamma = theta
    return jnp.exp(-gamma * times) * jnp.cos(omega * times)


def simulate(key, theta):
    """What is read."""
    return oscillation(theta) + noise * jax.random.normal(key, times.shape)


prior = {"omega": dist.Uniform(0.5, 2.0), "gamma": dist.Uniform(0.0, 0.5)}
observed = simulate(jax.random.key(1), jnp.array([1.3, 0.2]))

# %% [markdown]
# 5000 simulations; the verdict rests on those that were held out: are the true parameters where the posterior says?

# %%
result = infer(0, simulate, prior=prior, observation=observed, simulations=5000, steps=2000)
print(result)
assert result.verdict == "pass"

# %% [markdown]
# The posterior on a grid of the two parameters, from the likelihood, which the network has never seen.

# %%
omega, gamma = jnp.linspace(0.5, 2.0, 301), jnp.linspace(0.0, 0.5, 301)
grid = jnp.stack(jnp.meshgrid(omega, gamma, indexing="ij"), axis=-1).reshape(-1, 2)
off = jax.vmap(oscillation)(grid) - jnp.broadcast_to(observed, (len(grid), len(observed)))
log_p = -0.5 * np.asarray((off**2).sum(axis=1)) / noise**2
p = np.exp(log_p - log_p.max())
p /= p.sum()
for i, name in enumerate(prior):
    values = np.asarray(grid[:, i])
    mean = float(p @ values)
    width = float(p @ (values - mean) ** 2) ** 0.5
    found = result.estimates[name]
    print(f"{name}: {found}, on the grid {mean:.4f} ± {width:.4f}")
    assert found.error is not None
    assert abs(found.value - mean) < 0.5 * width
    assert 0.8 < found.error / width < 1.35
