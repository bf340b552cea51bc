# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# Metropolis sampling, one flip at a time

A Hamiltonian and a sampler, each one class of your own, written as on the blackboard; the library supplies the rest:
chains, temperatures, autocorrelation times, and the exact energy to be held against.
"""

# %%
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import sample
from isinglass.exact.lattice import chain
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.symmetry import Spins
from isinglass.systems import AbstractSystem


class Chain(AbstractSystem):
    """E(s) = -Σ_i s_i s_(i+1), s_i = ±1, a ring of n spins."""

    n: int = eqx.field(static=True)
    beta: jax.Array
    variable = Spins()
    symmetries = ()  # none is needed

    def __init__(self, n, temperature=1.0):
        self.n, self.beta = n, jnp.asarray(1.0 / temperature)

    @property
    def shape(self):
        return (self.n,)

    def energy(self, s):
        return -jnp.sum((s * jnp.roll(s, 1)).astype(float))

    def random_configuration(self, key):
        return jax.random.choice(key, jnp.array([-1, 1], jnp.int8), (self.n,))

    def order_parameter(self, s):
        return jnp.mean(s.astype(float))

    def exact_energy(self, temperature):  # per site; `sample` holds every run against it
        return np.array([chain.energy(1 / T, self.n) for T in temperature])


class SingleFlip(AbstractSampler):
    """Flip a random spin with probability min(1, exp(-beta ΔE)), n times.  Law: detailed balance."""

    error: float = 0.0  # relative error of beta, to be planted below

    def step(self, key, s, system):
        def attempt(s, key):
            key_site, key_accept = jax.random.split(key)
            flipped = s.at[jax.random.randint(key_site, (), 0, s.size)].multiply(-1)
            dE = system.energy(flipped) - system.energy(s)
            accept = jax.random.uniform(key_accept) < jnp.exp(-(1 + self.error) * system.beta * dE)
            return jnp.where(accept, flipped, s), accept

        return jax.lax.scan(attempt, s, jax.random.split(key, s.size))


# %% [markdown]
# The autocorrelation time grows as the chain orders towards T = 0; the effective sample size says what that costs.

# %%
T = np.array([0.7, 1.0, 2.0])
result = sample(0, Chain(12), T, method=SingleFlip(), samples=1024, chains=64, thin=2, warmup=100)
print(result)
print("autocorrelation time in sweeps:", np.round(result.arrays.autocorrelation_time.to_numpy(), 1))
assert result.verdict == "pass"

# %%  A planted mistake: beta too small by a sixth.  The exact energy sees it.
wrong = sample(0, Chain(12), T, method=SingleFlip(error=-1 / 6), samples=1024, chains=64, thin=2, warmup=100)
print(f"{wrong.checks[-1].verdict}: {wrong.checks[-1].measured:.0f} standard errors off")
assert wrong.verdict == "fail"
