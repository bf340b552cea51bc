# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A system of your own is one class

The q-state clock model: vectors that point to q equally spaced hours.  Say what a bond costs, how a variable may be
changed and reflected; every sampler and the search for a transition then work on it.  Its claims are held against all
4^9 states of a 3 x 3 torus, and against Kaufman: with q = 4 it is two independent Ising models of coupling J / 2.
"""

# %%
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import sample
from isinglass.exact.lattice import enumeration, kaufman
from isinglass.symmetry import AbstractVariable, Levels
from isinglass.systems import AbstractPairSystem, Graph, hypercubic


class Clock(AbstractPairSystem):
    """E(s) = -J Σ_<ij> cos(2π (s_i - s_j) / q), s_i = 0 .. q-1.  Law: E(s + 1) = E(s) = E(-s)."""

    graph: Graph
    beta: jax.Array
    J: jax.Array
    q: int = eqx.field(static=True)
    symmetries = ()  # those that networks and methods may use: none is needed
    variable: AbstractVariable = eqx.field(static=True)

    def __init__(self, shape, *, q=4, temperature=1.0, J=1.0):
        self.graph, self.q, self.variable = hypercubic(shape), q, Levels(tuple(range(q)))
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
        return self.variable.random(key, self.shape)

    def order_parameter(self, x):
        angle = 2 * jnp.pi / self.q * x.astype(float)
        return jnp.hypot(jnp.mean(jnp.cos(angle)), jnp.mean(jnp.sin(angle)))

    def exact_energy(self, temperature):  # per site, where it is known: `sample` then checks every run against it
        known = self.q == 4 and self.J == 1
        return np.asarray(kaufman.energy(2 * temperature, *self.shape)) if known else None


# %% [markdown]
# Is that energy right?  Count all states.

# %%
small, T = Clock((3, 3)), 1.0
states = np.concatenate(list(enumeration.configurations(9, q=4))).reshape(-1, 3, 3)
counted = enumeration.boltzmann([np.asarray(jax.vmap(small.energy)(jnp.asarray(states)))], 1 / T).mean_energy
claimed = 9 * float(np.asarray(small.exact_energy(np.array([T])))[0])
print(f"<E> on 3 x 3 at T = 1: {counted:.9f} by enumeration, {claimed:.9f} by Kaufman")
assert abs(counted - claimed) < 1e-9

# %% [markdown]
# Local moves and clusters must both give it, above and below T_c = 1.1346.  `infer(key, result)` takes either result.

# %%
for method in ("metropolis", "swendsen_wang"):
    result = sample(jax.random.key(1), Clock((8, 8)), np.array([0.9, 1.1346, 1.4]), method=method, samples=256, thin=5)
    print(f"\n{method}: {result}")
    assert result.verdict == "pass"
