# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
# # A system of your own is one class
# The q-state clock model: vectors that point to q equally spaced hours.  Say what a bond costs, how a variable may be
# changed and reflected; every sampler and the search for a transition then work on it.  Held against all 4^9 states of
# a 3 x 3 torus, and against an exact T_c: with q = 4 the model is two independent Ising models of coupling J / 2.

# %%
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import infer, sample
from isinglass.exact import enumeration, onsager
from isinglass.systems import AbstractPairSystem, Graph
from isinglass.systems.graph import hypercubic


class Clock(AbstractPairSystem):
    """E(s) = -J Σ_<ij> cos(2π (s_i - s_j) / q), s_i = 0 .. q-1.  Law: E(s + 1) = E(s) = E(-s)."""

    graph: Graph
    beta: jax.Array
    J: jax.Array
    q: int = eqx.field(static=True)
    values: tuple[int, ...] | None = eqx.field(static=True)
    symmetries: tuple[str, ...] = eqx.field(static=True, default=("reflection", "translation"))

    def __init__(self, shape, *, q=4, temperature=1.0, J=1.0):
        self.graph, self.q, self.values = hypercubic(shape), q, tuple(range(q))
        self.beta, self.J = jnp.asarray(1.0 / temperature), jnp.asarray(J)

    def pair_energy(self, a, b):
        return -jnp.cos(2 * jnp.pi / self.q * (a - b).astype(float))

    def site_energy(self, a):
        return jnp.zeros(a.shape)

    def propose(self, key, x):  # one of the q - 1 other hours
        return (x + jax.random.randint(key, x.shape, 1, self.q, dtype=x.dtype)) % jnp.asarray(self.q, x.dtype)

    def reflect(self, key, x):  # about a random axis: what Wolff and Swendsen-Wang need
        return (jax.random.randint(key, (), 0, self.q, dtype=x.dtype) - x) % jnp.asarray(self.q, x.dtype)

    def random_configuration(self, key):
        return jax.random.randint(key, self.shape, 0, self.q, dtype=jnp.int8)

    def order_parameter(self, x):
        return jnp.abs(jnp.mean(jnp.exp(2j * jnp.pi / self.q * x.astype(float))))

    def exact_energy(self, temperature):
        return None


# %% [markdown]
# Every sampler that accepts it must give the exact mean energy.

# %%
small, T = Clock((3, 3)), 1.0
states = np.concatenate(list(enumeration.configurations(9, q=4))).reshape(-1, 3, 3)
exact = enumeration.boltzmann([np.asarray(jax.vmap(small.energy)(jnp.asarray(states)))], 1 / T).mean_energy
for method in ("metropolis", "heat_bath", "swendsen_wang"):
    drawn = sample(jax.random.key(1), small, T, method=method, samples=8192, chains=64, thin=2, warmup=100)
    chains = drawn.arrays.energy.groupby(drawn.arrays.chain).mean().to_numpy()
    mean, error = chains.mean(), chains.std(ddof=1) / 8
    print(f"{method:>14}  <E> = {mean:.3f} ± {error:.3f}, enumeration {exact:.3f}")
    assert abs(mean - exact) < 4.5 * error

# %%
data = sample(jax.random.key(2), Clock((16, 16)), np.linspace(0.85, 1.45, 21), samples=128)
found, exact = infer(jax.random.key(3), data).estimates["critical_temperature"], onsager.critical_temperature() / 2
print(f"T_c = {found}, exact {exact:.6f}")
assert abs(found.value - exact) < 0.05 * exact
