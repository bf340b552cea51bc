# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A density of your own is one class

Anything that draws and knows its density can stand for a flow: `sample` makes its draws exact by importance weights.
Here a free field of mass M stands for the interacting one, as in perturbation theory: S = Σ (∂φ)² + m²φ² + λφ⁴ in
Hartree's approximation has M² = m² + 6λ<φ²>.  The transfer matrix of the 4 x 4 torus says whether the result is right.
"""

# %%
import tempfile
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from isinglass import Result, sample
from isinglass.exact.field.phi4 import torus
from isinglass.nets.density import AbstractDensity
from isinglass.systems import Phi4


class FreeField(AbstractDensity):
    """q(φ) = exp(-φ K φ) √det(K/π), K = -Δ + M² on a torus.  Law: ∫ q = 1, <φφ> = (2K)⁻¹."""

    M2: jax.Array
    sides: tuple[int, ...] = eqx.field(static=True)

    @property
    def shape(self):
        return self.sides

    @property
    def kernel(self):
        """K as a matrix over sites: 2d + M² on the diagonal, -1 for each bond."""
        sites = np.arange(np.prod(self.shape)).reshape(self.shape)
        hops = np.zeros((sites.size, sites.size))
        for axis in range(sites.ndim):
            np.add.at(hops, (sites.ravel(), np.roll(sites, 1, axis).ravel()), 1.0)
        return (2 * sites.ndim + self.M2) * jnp.eye(sites.size) - hops - hops.T

    def log_prob(self, x):
        phi, K = x.ravel(), self.kernel
        return -phi @ K @ phi + 0.5 * jnp.linalg.slogdet(K / jnp.pi)[1]

    def draw_with_log_prob(self, key):
        root = jnp.linalg.cholesky(2 * self.kernel)  # 2K = R Rᵀ, so that R⁻ᵀ z has covariance (2K)⁻¹
        z = jax.random.normal(key, (root.shape[0],), root.dtype)
        x = jax.scipy.linalg.solve_triangular(root.T, z).reshape(self.shape)
        return x, self.log_prob(x)


# %% [markdown]
# Hartree's gap equation M² = m² + 6λ<φ²>, <φ²> = (2K)⁻¹_xx, by iteration.

# %%
m2, lam, M2 = 1.0, 0.5, jnp.asarray(1.0)
for _ in range(50):
    M2 = m2 + 3 * lam * jnp.linalg.inv(FreeField(M2, (4, 4)).kernel)[0, 0]
field = FreeField(M2, (4, 4))
system = Phi4((4, 4), m2=m2, lam=lam)
result = sample(jax.random.key(0), system, method=field, correct="weights", samples=4000)
exact = torus(4, 4, J=2.0, r=m2 + 4, lam=lam)
log_z = result.estimates["log_partition_function"]
print(result)
print(f"M² = {float(M2):.4f}, ln Z = {log_z}, exact {exact.log_Z:.5f}")
assert log_z.error is not None
assert abs(log_z.value - exact.log_Z) < 5 * log_z.error
assert result.verdict == "pass"

# %%  It is saved with the result, by the name of its class: loading says whose classes are welcome.  From a package
# of yours, `mypackage`, any later program loads it with `allow=("mypackage",)`.
with tempfile.TemporaryDirectory() as folder:
    result.save(Path(folder) / "run", report=False)
    again = Result.load(Path(folder) / "run", allow=("__main__",)).models["sampler"]
assert again.M2 == field.M2
