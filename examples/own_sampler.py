# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A sampler of your own is one class with one method

Glauber dynamics: a spin flips with probability 1 / (1 + exp(ΔE/T)), one color of the checkerboard after the other.
`sample` runs it in independent chains, lengthens the run until the draws are worth what was asked for, and holds the
energy against Kaufman's exact one of this very torus.  Ref: Glauber 1963, doi:10.1063/1.1703954.
"""

# %%
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from isinglass import sample
from isinglass.exact.lattice import kaufman
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems import Ising


class Info(NamedTuple):
    """What a person wants to know of a sweep; `acceptance` is printed."""

    acceptance: jax.Array


class Glauber(AbstractSampler):
    """P(s_i -> -s_i) = 1 / (1 + exp(slowness β ΔE)).  Law: detailed balance if slowness = 1."""

    slowness: float = 1.0

    def step(self, key, x, system):
        def update(x, one):
            key, sites = one  # of one color: they do not interact; the table is filled up with N, which is no site
            s = x.reshape(-1).at[sites].get(mode="clip")
            dE = system.energy_changes(x, -s, jnp.minimum(sites, x.size - 1))
            flip = jax.random.uniform(key, sites.shape) < jax.nn.sigmoid(-self.slowness * system.beta * dE)
            flip &= sites < x.size
            flat = x.reshape(-1).at[sites].set(jnp.where(flip, -s, s), mode="drop")
            return flat.reshape(x.shape), flip.sum()

        colors = jnp.asarray(system.colors)
        x, flipped = jax.lax.scan(update, x, (jax.random.split(key, len(colors)), colors))
        return x, Info(flipped.sum() / x.size)


# %%
T = np.array([2.0, 2.269, 3.0])
result = sample(jax.random.key(0), Ising((8, 8)), T, method=Glauber(), samples=512, chains=32)
print(result)
energy = result.arrays["energy"].to_numpy().reshape(3, -1) / 64
for t, E, exact in zip(T, energy, np.asarray(kaufman.energy(T, 8, 8)), strict=True):
    print(f"T = {t:.3f}: E/N = {E.mean():.4f}, Kaufman {exact:.4f}")
assert result.verdict == "pass"

# %% [markdown]
# Is the check worth anything?  With rates of another temperature it must fail.

# %%
wrong = sample(jax.random.key(0), Ising((8, 8)), T, method=Glauber(0.9), samples=512, chains=32)
print(f"rates of 1.1 T: {wrong.verdict}")
assert wrong.verdict == "fail"
