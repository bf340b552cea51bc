# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# The density of matter from a Hubble diagram

Sixty supernovae, seen in a flat universe with Ω_m = 0.3: their magnitudes grow with redshift as distances say.  The
likelihood is known, so that NUTS samples the posterior of Ω_m; a network that has only seen simulated diagrams finds
the same; and no method can do better than Fisher's bound.
"""

# %%
import jax.numpy as jnp
import numpy as np

from isinglass import infer
from isinglass.exact.cosmology.background import Cosmology, distance_modulus
from isinglass.exact.field.fisher_information import cramer_rao
from isinglass.systems.cosmology.distances import hubble_diagram

z = np.linspace(0.02, 1.5, 60)
errors = np.full(60, 0.1)  # mag

# %% [markdown]
# The observation, of distances alone: m = μ(z; Ω_m, h) + M + noise, with M = -19.3, h = 0.7.

# %%
noise = np.random.default_rng(5).normal(size=60) * errors
m = np.asarray(distance_modulus(Cosmology(0.3, h=0.7), jnp.asarray(z))) - 19.3 + noise

# %% [markdown]
# The simulator: Ω_m and an offset, M - 5 lg h, which supernovae alone cannot split.

# %%
diagram = hubble_diagram(z, errors)
print("parameters", diagram.prior().names)
bound = cramer_rao(diagram.fisher([0.3, -18.5]))[0]

# %%
exact = infer(0, diagram, observation=m, method="nuts", samples=2000)
print(exact)
neural = infer(0, diagram, observation=m, simulations=5000, steps=2000)
print(neural)

# %% [markdown]
# The two agree, the truth is covered, and the width is that of Fisher, as the posterior is nearly normal.

# %%
for result in (exact, neural):
    found = result.estimates["Omega_m"]
    print(f"Omega_m {found}, Fisher's bound {bound:.4f}")
    assert found.error is not None
    assert abs(found.value - 0.3) < 3 * bound
    assert 0.8 < found.error / bound < 1.4
    assert result.verdict != "fail"
