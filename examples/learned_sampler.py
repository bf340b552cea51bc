# SPDX-License-Identifier: Apache-2.0
# %% [markdown]
"""# A learned sampler that is exact

A flow learns the φ⁴ field from its action alone. Its draws are not quite those of exp(-S)/Z; importance weights or a
Metropolis test make them so, and the transfer matrix of the 4 x 4 field says whether that is true.
"""

# %%
import jax
import jax.numpy as jnp

from isinglass.exact.field.phi4 import torus
from isinglass.nets.flow.act_norm import natural_scale
from isinglass.nets.flow.spline_coupling import spline_flow
from isinglass.sampling.objective.reverse_kl import ReverseKL
from isinglass.sampling.weight.importance import average, ess_fraction, importance_sample, log_partition_function
from isinglass.sampling.weight.independence import metropolis_sample
from isinglass.systems import Phi4
from isinglass.training.fit import fit
from isinglass.training.optimizer import Optimizer
from isinglass.training.setting import Training

system = Phi4((4, 4), m2=-4.0, lam=8.0)
key_net, key_fit, key_weights, key_chains = jax.random.split(jax.random.key(0), 4)

# %% [markdown]
# ## Train
#
# The loss is <ln q + S> over draws of the flow, at least -ln Z. Local spline couplings on a free field, with φ -> -φ
# and translations built in.

# %%
z = jax.random.normal(key_net, (256, 4, 4), jnp.float32)
flow = spline_flow(key_net, (4, 4), couplings=2, bins=4, scale=natural_scale(system.log_weight, z))
settings = Training(Optimizer("adam", 1e-2, schedule="cosine"), steps=300, block=300)
flow = fit(key_fit, flow, ReverseKL(system, 256, path=True), None, settings=settings).model

# %% [markdown]
# ## Make it exact
#
# Weights w = exp(-S)/q. `ess_fraction` is the share of the draws that counts.

# %%
weighted = importance_sample(key_weights, flow, system, 50_000)
log_z, share = log_partition_function(weighted), ess_fraction(weighted)
phi2 = average(lambda x: jnp.mean(x**2), weighted)
exact = torus(4, 4, J=2.0, r=0.0, lam=8.0)  # S = Σ r φ² + λ φ⁴ - J Σ_<xy> φ_x φ_y, r = 2d + m²
print(f"ESS fraction of the draws: {share}")
print(f"ln Z  = {log_z}, exact {exact.log_Z:.6f}")
print(f"<φ²>  = {phi2}, exact {exact.phi2:.6f}")

# %%
chains = metropolis_sample(key_chains, flow, system, 20_000, chains=64)
print(f"Metropolis: {chains.accepted.mean():.2f} accepted, <φ²> = {(chains.x**2).mean():.4f}")

# %%
for found, expected in ((log_z, exact.log_Z), (phi2, exact.phi2)):
    assert found.error is not None
    assert abs(found.value - expected) < 5 * found.error
