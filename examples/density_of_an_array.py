# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Data in, sampler out

Points on a noisy ring, of which nothing is known but the array.  A flow learns their density; its samples are held
against points that it has not seen.  The entropy of this ring is known, so that the likelihood can be judged too.
"""

# %%
import jax.numpy as jnp
import numpy as np

from isinglass import approximate, sample

rng = np.random.default_rng(0)
n, radius, noise = 4000, 2.0, 0.1
angle, r = rng.uniform(0, 2 * np.pi, n), radius + noise * rng.normal(size=n)
x = np.stack([r * np.cos(angle), r * np.sin(angle)], axis=1)

# %%
result = approximate(0, x, steps=1500)
print(result)
assert result.verdict == "pass"

# %% [markdown]
# The best that any density can reach is <ln p>: of r normal and the angle uniform, and <ln r> = ln R - (noise/R)²/2.

# %%
exact = -0.5 * np.log(2 * np.pi * np.e) - np.log(noise) - np.log(2 * np.pi * radius) + 0.5 * (noise / radius) ** 2
found = result.estimates["log_likelihood"]
print(f"<ln q> of held-out points: {found}, exact <ln p>: {exact:.4f}")
assert found.error is not None
assert -0.15 < found.value - exact < 4.5 * found.error

# %% [markdown]
# Draw from it, with an observable in one line; the mean radius is R, but for 1 % that a flow may blur.

# %%
drawn = sample(1, result, samples=4000, observables={"radius": lambda x: jnp.sqrt((x**2).sum())})
print(drawn.estimates["radius"])
assert abs(drawn.estimates["radius"].value - radius) < 0.02

# %% [markdown]
# The same ring as a function: no data, but Markov chains, and E = -ln p.

# %%
chains = sample(
    2,
    lambda x: 0.5 * ((jnp.sqrt((x**2).sum()) - radius) / noise) ** 2 + 0.5 * jnp.log((x**2).sum()),
    start=jnp.array([radius, 0.0]),
    observables={"radius": lambda x: jnp.sqrt((x**2).sum())},
)
print(chains)
found = chains.estimates["radius"]
assert chains.verdict == "pass"
assert found.error is not None
assert abs(found.value - radius) < 5 * found.error
