# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# The critical temperature by hand

The ratio R = <m^4> / <m^2>^2 is 1 in order and 3 in disorder, and depends on T and L through (T - T_c) L^(1/nu)
alone: curves of two sizes cross at T_c.  No network; this is what networks are to be measured by.
Ref: Binder 1981, doi:10.1007/BF01293604.
"""

# %%
import jax
import numpy as np

from isinglass import sample
from isinglass.exact.lattice import moments, onsager
from isinglass.result import Estimate
from isinglass.stats.resampling import bootstrap
from isinglass.systems import Ising

L, T, chains = 24, np.linspace(2.22, 2.32, 6), 128


def ratio(powers):
    """R at each temperature, from the mean m^2 and m^4 of some chains, [chains, 2, T]."""
    m2, m4 = powers.mean(axis=0)
    return m4 / m2**2


# %% [markdown]
# The small lattice needs no sampling: its law of m is exact, by transfer matrix; three points make a parabola.

# %%
three = T.mean() + np.array([-0.05, 0.0, 0.05])
exact_ratio = [m.m4 / m.m2**2 for m in (moments.magnetization_moments(t, 8) for t in three)]
small = np.polyval(np.polyfit(three, exact_ratio, 2), T)

# %% [markdown]
# The larger one is sampled.  What is independent is a chain, not a draw: average m^2 and m^4 within each chain.

# %%
result = sample(jax.random.key(0), Ising((L, L)), T, samples=64 * chains, chains=chains, thin=25, warmup=1000)
assert result.verdict == "pass", result  # its energies agree with Kaufman's exact ones
m = result.arrays.order_parameter.to_numpy().reshape(len(T), -1, chains)  # rows come by temperature, draw, chain
powers = np.stack([(m**k).mean(axis=1) for k in (2, 4)]).transpose(2, 0, 1)


# %% [markdown]
# Where the difference of the curves vanishes is T_c; its spread over resampled sets of chains is the error.


# %%
def crossing(large):
    """Zero of the parabola through large - small that is nearest to the middle of the temperatures."""
    zeros = np.roots(np.polyfit(T - T.mean(), large - small, 2)).real
    return T.mean() + zeros[np.argmin(np.abs(zeros))]


resampled = bootstrap(jax.random.key(1), ratio, jax.numpy.asarray(powers), n_resamples=200)
error = float(np.std([crossing(np.asarray(row)) for row in resampled]))
found = Estimate(crossing(ratio(powers)), error)
exact = onsager.critical_temperature()
print(f"R at L = 8:  {np.round(small, 3)}\nR at L = {L}: {np.round(ratio(powers), 3)}")
print(f"T_c = {found}, Onsager {exact:.6f}")
assert abs(found.value - exact) < 5 * error + 0.002  # sizes as small as these shift the crossing a little
