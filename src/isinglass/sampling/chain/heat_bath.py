# SPDX-License-Identifier: Apache-2.0
"""Heat bath (Gibbs sampling): each variable sampled from its conditional distribution given all others.

Ref: Geman and Geman 1984, doi:10.1109/TPAMI.1984.4767596.
"""

from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Shaped

from isinglass.sampling.chain.requirement import finitely_many_values, single_changes
from isinglass.sampling.chain.sampler import AbstractSampler
from isinglass.systems.system import AbstractLatticeSystem

__all__ = ["HeatBath"]


class HeatBath(AbstractSampler):
    """P(x_i = v | rest) = exp(-beta ΔE_v) / Σ_w exp(-beta ΔE_w), for variables with finitely many values.

    Law: detailed balance.  Cost: N z q per sweep.  Errors: InputError for continuous variables.
    """

    requires: ClassVar = (single_changes, finitely_many_values)

    def step(self, key, x: Shaped[Array, "*site"], system: AbstractLatticeSystem):
        """One sweep: every variable is resampled once, without rejections and so without diagnostics."""
        finitely_many_values("heat_bath", system)
        colors = jnp.asarray(system.colors)
        keys = jax.random.split(key, len(colors))
        return jax.lax.scan(lambda x, color: (self.update(color[0], x, color[1], system), None), x, (keys, colors))

    def update(self, key, x, sites, system: AbstractLatticeSystem):
        """Resample the sites of one color, all at once."""
        values = jnp.asarray(system.variable.values, x.dtype)
        inside = jnp.minimum(sites, x.size - 1)  # the table is padded with N, which is not a site
        dE = jax.vmap(lambda v: system.energy_changes(x, jnp.full(sites.shape, v), inside))(values)
        new = values[jax.random.categorical(key, -system.beta * dE, axis=0)]
        return x.reshape(-1).at[sites].set(new, mode="drop").reshape(x.shape)
