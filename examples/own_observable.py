# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# An observable of your own is one function of a configuration

The correlation across the diagonal of a plaquette, <s_00 s_11>, has a closed form on the infinite lattice.  Above T_c
a 24 x 24 torus is infinite for it.  Ref: McCoy and Wu, The Two-Dimensional Ising Model (1973), chapter 8.
"""

# %%
import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import ellipe, ellipk

from isinglass import Result, sample
from isinglass.result import Estimate
from isinglass.systems import Ising


def diagonal_correlation(s):
    """C = (1/N) Σ_x s_x s_(x+(1,1)), of one configuration."""
    s = s.astype(float)
    return jnp.mean(s * jnp.roll(s, (1, 1), (0, 1)))


def mean_of(observable, result: Result, T: float) -> Estimate:
    """<O> at one temperature; its error is that of the means of independent chains."""
    here = result.arrays["temperature"].to_numpy() == T
    x, chain = (result.arrays[name].to_numpy()[here] for name in ("configurations", "chain"))
    values = np.asarray(jax.vmap(observable)(x))
    means = np.array([values[chain == c].mean() for c in np.unique(chain)])
    return Estimate(float(means.mean()), float(means.std(ddof=1) / len(means) ** 0.5))


def exact(T: float) -> float:
    """<s_00 s_11> = (2/πk) [E(k) - (1 - k²) K(k)] above T_c, k = sinh²(2J/T).  Law: 2/π at T_c, 2 (J/T)² at T -> ∞."""
    k = np.sinh(2 / T) ** 2
    return float(2 / (np.pi * k) * (ellipe(k**2) - (1 - k**2) * ellipk(k**2)))


# %%
T = np.array([2.8, 3.2, 4.0])
result = sample(jax.random.key(0), Ising((24, 24)), T, samples=1024, chains=32)
for t in T:
    found = mean_of(diagonal_correlation, result, t)
    result.estimates[f"diagonal_correlation/{t}"] = found
    print(f"T = {t}: <s_00 s_11> = {found}, exact {exact(t):.5f}")
    assert found.error is not None
    assert abs(found.value - exact(t)) < 4.5 * found.error

# %% [markdown]
# Its resolution: T = 3.2 is distinguished from T = 3.25.

# %%
found = result.estimates["diagonal_correlation/3.2"]
assert found.error is not None
assert abs(found.value - exact(3.25)) > 4.5 * found.error
