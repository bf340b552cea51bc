# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A check of your own is one function

The Schwinger-Dyson equation <φ_x ∂S/∂φ_x> = 1 is what partial integration says of any field with weight exp(-S): a law
that needs no solution, so that it judges a sampler at couplings where nothing is known.
"""

# %%
import jax
import numpy as np

from isinglass import Result, sample
from isinglass.exact.field.phi4 import torus
from isinglass.result import Check
from isinglass.systems import Phi4


def schwinger_dyson(result: Result, system: Phi4) -> Check:
    """(1/N) Σ_x <φ_x ∂S/∂φ_x> = 1.

    Each chain gives one mean, so that the error is that of independent numbers.  False alarm: 1e-4 for 32 chains (a
    Student's t of 31 degrees of freedom at 4.5).  Resolution: 9 of its errors.
    """
    phi, chain = (result.arrays[name].to_numpy() for name in ("configurations", "chain"))
    virial = jax.vmap(lambda x: (x * jax.grad(system.energy)(x)).mean())(phi)
    means = np.array([np.asarray(virial)[chain == c].mean() for c in np.unique(chain)])
    error = means.std(ddof=1) / len(means) ** 0.5
    return Check.within("<φ ∂S/∂φ> = 1", means.mean(), 1.0, 4.5 * error, error=error, source="partial integration")


# %%
system = Phi4((8, 8), m2=-4.0, lam=6.0)
result = sample(jax.random.key(0), system, method="hmc", samples=8192, chains=32)
result.checks.append(schwinger_dyson(result, system))
print(result)
assert result.verdict == "pass"

# %% [markdown]
# Every check ships an error that it must catch: the same configurations are no sample of a λ that is 5 % larger.

# %%
planted = schwinger_dyson(result, Phi4((8, 8), m2=-4.0, lam=6.3))
print(f"λ 5 % larger: <φ ∂S/∂φ> = {planted.measured:.4f} ± {planted.error:.4f}: {planted.verdict}")
assert planted.verdict == "fail"

# %% [markdown]
# And it meets an outside truth: at 4 x 4 the virial 2r<φ²> + 4λ<φ⁴> - 2J Σ<φφ> is known by transfer matrix through
# <φ²> and ln Z, for Z(φ -> aφ) = Z.

# %%
J, r, lam, step = 2.0, 0.0, 8.0, 1e-4
scaled = [torus(4, 4, J=J * a**2, r=r * a**2, lam=lam * a**4).log_Z for a in (1 - step, 1 + step)]
exact = -(scaled[1] - scaled[0]) / (2 * step) / 16  # -∂ ln Z/∂ ln a = <φ ∂S/∂φ> at a = 1
print(f"<φ ∂S/∂φ> at 4 x 4 by transfer matrix: {exact:.6f}")
assert abs(exact - 1) < 1e-5
